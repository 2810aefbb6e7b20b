#include "packet/dissect/dissect.h"

#include <algorithm>

#include "wire/registry.h"

namespace trama::dissect {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

// The presence bits of all headers that stand in one place.
constexpr u64 bits_at(Place place) {
  u64 bits = 0;
  for (HeaderId id = 0; id < header_count; ++id)
    if (headers[id]->place == place) bits |= u64{1} << id;
  return bits;
}

constexpr std::size_t next_row(Space space, std::size_t row) {
  while (row < std::size(carries) && carries[row].space != space) ++row;
  return row;
}

template <HeaderId id>
void enter(Packet& packet, u32 at, u32 end);

// Enters the header that `value` names; returns where none of ours does.
template <Space space, std::size_t row>
inline void carry(Packet& packet, u64 value, u32 at, u32 end) {
  if constexpr (row < std::size(carries)) {
    if (value == carries[row].value) return enter<id_of(carries[row].inner)>(packet, at, end);
    carry<space, next_row(space, row + 1)>(packet, value, at, end);
  }
}

template <HeaderId id>
void enter(Packet& packet, u32 at, u32 end) {
  constexpr const Header& header = *headers[id];
  constexpr u64 taken = bits_at(header.place);
  constexpr unsigned size = header.size();
  // A second header in this place, or one that is cut.
  if (header.deep == Deep::always || (packet.has & taken) != 0 || at + size > end) {
    packet.deep = true;
    return;
  }
  const u8* bytes = packet.data + at;
  if constexpr (header.deep == Deep::sometimes) packet.deep = header.odd(bytes);
  packet.has |= u64{1} << id;
  packet.at[static_cast<unsigned>(header.place)] = at;
  if constexpr (!header.total.empty()) {
    constexpr Field total = *field_of(header, header.total);
    const auto told = static_cast<u32>(read(total, bytes)) + header.total_adds;
    if (told >= size) end = std::min(end, at + told);
  }
  if constexpr (header.space != Space::none) {
    constexpr Field selector = *field_of(header, header.selector);
    u32 length = size;
    if constexpr (!header.length.empty()) {
      constexpr Field field = *field_of(header, header.length);
      length = std::max(length, static_cast<u32>(read(field, bytes)));
    }
    if (!packet.deep)
      carry<header.space, next_row(header.space, 0)>(packet, read(selector, bytes), at + length,
                                                     end);
  }
}

}  // namespace

void mark(Packet& packet, u16 link_type) {
  packet.has = 0;
  packet.at = {};  // a test on an absent header reads at 0, never at a stale offset
  packet.deep = false;
  const u32 end = packet.captured;
  switch (link_type) {
    case 1:
      return enter<id_eth>(packet, 0, end);
    case 113:
      return enter<id_sll>(packet, 0, end);
    case 276:
      return enter<id_sll2>(packet, 0, end);
    case 228:
      return enter<id_ip>(packet, 0, end);
    case 229:
      return enter<id_ipv6>(packet, 0, end);
    default:
      packet.deep = true;  // bare or rare: the deep path reads wire/carries.h's links
  }
}

void Dissector::dissect(Batch& batch, const std::deque<source::Interface>& interfaces) {
  for (unsigned i = 0; i < batch.count; ++i) {
    Packet& packet = batch.packets[i];
    mark(packet, interfaces[packet.interface].link_type);
    // A packet without time counts as of 1970, another record as of the time before: as in tshark.
    i64 time = packet.time;
    if (time == no_time)
      time = packet.record == Record::packet || previous_ == no_time ? 0 : previous_;
    if (first_ == no_time) first_ = previous_ = time;
    packet.since_first = time - first_;
    packet.since_previous = time - previous_;
    previous_ = time;
  }
}

}  // namespace trama::dissect
