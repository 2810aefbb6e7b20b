#include "packet/output/lower.h"

#include <algorithm>

#include "packet/dissect/value.h"
#include "wire/registry.h"

namespace trama::output {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Layer;
using dissect::Row;

void Column::value(const Row* row) {
  if (row != nullptr && is_info()) dissect::append_value(text_, *row);
}

const Row* LayerRows::find(const Field& field) const {
  const auto rows = tree_.rows();
  const Layer& here = layer();
  for (const Row& row : rows.subspan(here.first_row, here.rows))
    if (row.field == &field) return &row;
  return nullptr;
}

u64 LayerRows::number(const Field& field) const {
  const Row* row = find(field);
  return row == nullptr ? 0 : row->value;
}

const Layer* LayerRows::inner() const {
  const auto layers = tree_.layers();
  return layer_ + 1 < layers.size() ? &layers[layer_ + 1] : nullptr;
}

std::string_view name_in(std::span<const Name> names, u64 value, std::string_view otherwise) {
  for (const Name& name : names)
    if (name.value == value) return name.text;
  return otherwise;
}

void say_lower(Column& column, const dissect::Tree& tree, std::size_t until) {
  const auto layers = tree.layers();
  for (unsigned i = 1; i < std::min(until, layers.size()); ++i) {
    const LayerRows rows{tree, i};
    const Header* header = layers[i].header;
    if (header == &arp) {
      say_arp(column, rows);
      continue;
    }
    if (say_control(column, rows)) {
      if (header == &icmp || header == &icmpv6) return;  // what it quotes is not its own
      continue;
    }
    if (say_link(column, rows) || say_network(column, rows) || say_wireless(column, rows)) continue;
    if (say_routing(column, rows)) continue;
    say_tunnel(column, rows);
  }
}

std::string_view cut_remark(const dissect::Tree& tree) {
  for (const Layer& layer : tree.layers()) {
    if (layer.header == &icmp || layer.header == &icmpv6)
      return !layer.cut                            ? ""
             : layer.length_on_wire > layer.length ? "[Packet size limited during capture]"
                                                   : "[Malformed Packet]";
    if (layer.cut && layer.header != &data)
      return layer.length_on_wire > layer.length ? "[Packet size limited during capture]"
                                                 : "[Malformed Packet]";
  }
  return {};
}

}  // namespace trama::output
