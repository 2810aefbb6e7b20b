#include "packet/output/marked_value.h"

#include <algorithm>
#include <utility>

#include "wire/registry.h"

namespace trama::output {
namespace {

using From = MarkedValue::From;

constexpr std::pair<std::string_view, From> frame_facts[] = {
    {"frame.number",        From::number        },
    {"frame.len",           From::wire_length   },
    {"frame.cap_len",       From::captured      },
    {"frame.time",          From::moment        },
    {"frame.time_epoch",    From::moment        },
    {"frame.time_relative", From::since_first   },
    {"frame.time_delta",    From::since_previous},
};

}  // namespace

MarkedValue::MarkedValue(From from, const parse::Meaning& meaning)
    : from_(from),
      place_(static_cast<u8>(meaning.header->place)),
      bit_(meaning.header_id < wire::presence_bits ? u64{1} << meaning.header_id : 0),
      field_(meaning.field) {}

bool MarkedValue::read(const Packet& packet, dissect::Row& row) const {
  row.field = field_;
  row.data = nullptr;
  const bool dated = packet.time != no_time;
  switch (from_) {
    case From::header:
    case From::layer:
      break;
    case From::number:
      row.value = packet.number;
      return true;
    case From::wire_length:
      row.value = packet.wire;
      return true;
    case From::captured:
      row.value = packet.captured;
      return true;
    case From::moment:
      row.value = static_cast<u64>(packet.time);
      return dated;
    case From::since_first:
      row.value = static_cast<u64>(packet.since_first);
      return dated;
    case From::since_previous:
      row.value = static_cast<u64>(packet.since_previous);
      return dated;
  }
  if ((packet.has & bit_) == 0) return false;
  if (from_ == From::layer) return true;  // its text is the field's label
  const u8* header = packet.data + packet.at[place_];
  if (field_->holds != nullptr && !field_->holds(header)) return false;
  if (field_->show == wire::Show::ipv6) {
    row.data = header + field_->byte();
    row.size = 16;
  } else {
    row.value = wire::read(*field_, header);
  }
  return true;
}

std::vector<MarkedValue> marked_values(const parse::Word& word) {
  for (const auto& [name, from] : frame_facts)
    if (word.word == name)
      return {
          MarkedValue{from, word.meanings.front()}
      };
  std::vector<parse::Meaning> meanings = word.meanings;
  const auto rank = [](const parse::Meaning& meaning) {
    return std::pair{meaning.header->place, meaning.field};  // a header's fields lie in one array
  };
  std::stable_sort(meanings.begin(), meanings.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::vector<MarkedValue> values;
  for (const parse::Meaning& meaning : meanings) {
    const bool marked = meaning.header_id < wire::presence_bits && meaning.header != &wire::frame &&
                        meaning.stage == wire::Stage::dissect;
    const bool is_layer = meaning.field->show == wire::Show::layer;
    if (!marked || !(is_layer || meaning.fixed)) return {};
    values.emplace_back(is_layer ? From::layer : From::header, meaning);
  }
  return values;
}

}  // namespace trama::output
