#include "packet/dissect/tree.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "packet/dissect/frame.h"
#include "wire/registry.h"
#include "wire/walk.h"

namespace trama::dissect {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

namespace {

// No real packet nests deeper; a hostile one ends here.
constexpr std::size_t most_layers = 32;
// A packet's rows are bounded too: option lists are as long as their header.
constexpr std::size_t chunk_size = std::size_t{16} * 1024;

}  // namespace

// Reads one packet; the Walk of whichever header it is at.
class Reader final : public Walk {
 public:
  Reader(Tree& tree, const Packet& packet) : tree_(tree), packet_(packet) {}

  void run(const source::Interface& interface) {
    const Link* link = link_of(interface.link_type);
    HeaderId next = link == nullptr || link->first.empty() ? HeaderId{id_data} : id_of(link->first);
    at_ = 0;
    captured = packet_.captured;
    length = std::max(packet_.wire, packet_.captured);
    while (next != nothing && tree_.layers_.size() < most_layers) next = one(next);
  }

  void put(const Field& field, u32 at, u32 count, u64 value) override {
    tree_.rows_.push_back({&field, layer_, at_ + at, count, value, nullptr, 0});
  }
  void put_bytes(const Field& field, u32 at, u32 count) override {
    tree_.rows_.push_back({&field, layer_, at_ + at, count, 0, data + at, count});
  }
  void put_text(const Field& field, u32 at, u32 count, std::string_view text) override {
    u8* copy = tree_.room(text.size());
    std::copy(text.begin(), text.end(), copy);
    tree_.rows_.push_back(
        {&field, layer_, at_ + at, count, 0, copy, static_cast<u32>(text.size())});
  }
  void malformed(u32 /*at*/) override { tree_.layers_[layer_].malformed = true; }

 private:
  void put_field(const Field& field) {
    if (field.word.empty() || !whole(field.byte(), field.length())) return;
    if (field.holds != nullptr && !field.holds(data)) return;
    if (field.show == Show::ipv6)
      put_bytes(field, field.byte(), 16);
    else
      put(field, field.byte(), field.length(), read(field, data));
  }

  // Reads the header `id` at the current place; returns what follows it.
  HeaderId one(HeaderId id) {
    const Header& header = *headers[id];
    data = packet_.data + at_;
    header_length = header.size();
    selector = 0;
    space = header.space;
    has_payload = true;
    layer_ = static_cast<u16>(tree_.layers_.size());
    tree_.layers_.push_back({&header, at_, captured, 0, length, false, captured < header_length,
                             static_cast<u32>(tree_.rows_.size()), 0});
    tree_.add_path(header.path.empty() ? header.word : header.path);
    const std::size_t self = tree_.rows_.size();
    put_bytes(header.whole, 0, captured);
    if (id == id_data) return end_with_data();
    for (const Field& field : header.fields) put_field(field);
    if (const Field* field = field_of(header, header.length);
        field != nullptr && whole(field->byte(), field->length()))
      header_length = static_cast<u32>(read(*field, data));
    if (const Field* field = field_of(header, header.selector);
        field != nullptr && whole(field->byte(), field->length()))
      selector = read(*field, data);
    if (header.walk != nullptr) header.walk(*this);
    Layer& layer = tree_.layers_[layer_];
    captured = std::min(captured, length);
    tree_.rows_[self].length = tree_.rows_[self].size = layer.length = captured;
    layer.length_on_wire = length;
    layer.header_length = header_length;
    layer.rows = static_cast<u32>(tree_.rows_.size()) - layer.first_row;
    if (layer.cut || header_length >= captured || !has_payload) return nothing;
    at_ += header_length;
    captured -= header_length;
    length -= header_length;
    const HeaderId inner = inner_of(space, selector);
    if (inner != nothing) return inner;
    if (&header != &tcp && &header != &udp) return HeaderId{id_data};
    tree_.payload_ = {layer_, at_, captured, length};
    return nothing;
  }

  HeaderId end_with_data() {
    put_bytes(in(data_found, "data.data"), 0, captured);
    put(in(data_found, "data.len"), 0, captured, captured);
    Layer& layer = tree_.layers_[layer_];
    layer.rows = static_cast<u32>(tree_.rows_.size()) - layer.first_row;
    return nothing;
  }

  Tree& tree_;
  const Packet& packet_;
  u32 at_ = 0;
  u16 layer_ = 0;
};

Tree::Tree() = default;
Tree::~Tree() = default;

u8* Tree::room(std::size_t size) {
  if (chunks_.empty() || used_ + size > chunk_size) {
    if (!chunks_.empty() && chunk_ + 1 < chunks_.size() && size <= chunk_size) {
      ++chunk_;
    } else {
      chunks_.push_back(std::make_unique<u8[]>(std::max(size, chunk_size)));
      chunk_ = chunks_.size() - 1;
    }
    used_ = 0;
  }
  u8* place = chunks_[chunk_].get() + used_;
  used_ += size;
  return place;
}

void Tree::dissect(const Packet& packet, const source::Interface& interface) {
  rows_.clear();
  layers_.clear();
  if (chunks_.size() > 4) chunks_.clear();
  chunk_ = used_ = 0;
  payload_ = {};
  path_.clear();
  layers_.push_back({&wire::frame, 0, packet.captured, 0, packet.wire, false, false, 0, 0});
  rows_.push_back({&wire::frame.whole, 0, 0, packet.captured, 0, packet.data, packet.captured});
  add_frame(*this, packet, interface);
  path_row_ = rows_.size();
  rows_.push_back({field_of(wire::frame, "frame.protocols"), 0, 0, 0, 0, nullptr, 0});
  layers_[0].rows = static_cast<u32>(rows_.size());
  Reader{*this, packet}.run(interface);
}

void Tree::add_path(std::string_view word) {
  if (!path_.empty()) path_ += ':';
  path_ += word;
  Row& row = rows_[path_row_];
  row.data = reinterpret_cast<const u8*>(path_.data());
  row.size = static_cast<u32>(path_.size());
}

u16 Tree::add_layer(const Header& header, u32 at, Bytes bytes, u32 length) {
  const auto index = static_cast<u16>(layers_.size());
  const auto captured = static_cast<u32>(bytes.size());
  layers_.push_back({&header, at, captured, 0, length, false, captured < length,
                     static_cast<u32>(rows_.size()), 0});
  rows_.push_back({&header.whole, index, at, captured, 0, bytes.data(), captured});
  add_path(header.path.empty() ? header.word : header.path);
  return index;
}

void Tree::back(const End& end) {
  layers_.resize(end.layers);
  rows_.resize(end.rows);
  path_.resize(end.path);
  rows_[path_row_].size = static_cast<u32>(path_.size());
}

void Tree::add_data() {
  if (payload_.layer == 0) return;
  const Row self = *std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.layer == payload_.layer && row.field->show == Show::layer;
  });
  const Bytes bytes{self.data + (payload_.at - self.at), payload_.captured};
  const u16 layer = add_layer(wire::data, payload_.at, bytes, payload_.length);
  rows_.push_back({&in(data_found, "data.data"), layer, payload_.at, payload_.captured, 0,
                   bytes.data(), payload_.captured});
  add(in(data_found, "data.len"), layer, payload_.captured);
  layers_[layer].rows = 3;
  payload_ = {};
}

const Row* Tree::find(const Field& field) const {
  for (const Row& row : rows_)
    if (row.field == &field) return &row;
  return nullptr;
}

const Layer* Tree::innermost(const Header& header) const {
  // NOLINTNEXTLINE(modernize-loop-convert): from the innermost out
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer)
    if (layer->header == &header) return &*layer;
  return nullptr;
}

void Tree::add(const Field& field, u16 layer, u64 value) {
  rows_.push_back({&field, layer, layers_[layer].at, 0, value, nullptr, 0});
}

void Tree::subtract(const Field& field, u16 layer, u32 base) {
  for (Row& row : rows_)
    if (row.field == &field && row.layer == layer) row.value = static_cast<u32>(row.value) - base;
}

void Tree::add_text(const Field& field, u16 layer, std::string_view text) {
  u8* copy = room(text.size());
  std::copy(text.begin(), text.end(), copy);
  rows_.push_back({&field, layer, layers_[layer].at, 0, 0, copy, static_cast<u32>(text.size())});
}

}  // namespace trama::dissect
