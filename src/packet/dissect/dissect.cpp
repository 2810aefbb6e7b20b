#include "packet/dissect/dissect.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "wire/registry.h"

namespace trama::dissect {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

// What a packet's marks grow from: in registers until all is known.
struct Marks {
  u64 has = 0;
  u64 at =
      0;  // Packet::at as one word; a test on an absent header reads at 0, never at a stale one
  u64 deep = 0;

  void stands(int place, u64 offset) { at |= offset << (16 * place); }
};
static_assert(sizeof(Packet::at) == sizeof(Marks::at) &&
              std::endian::native == std::endian::little);

constexpr std::size_t next_row(Space space, std::size_t row) {
  while (row < std::size(carries) && carries[row].space != space) ++row;
  return row;
}

// Headers stand in the order of their places, one in each: a packet that has it otherwise (tunnels,
// stacked tags) is deep. That bounds the recursion, and the offsets fit 16 bits.
template <HeaderId id, int outer_place>
inline void enter(Marks& marks, const u8* data, u32 at, u32 end);

constexpr int last_place = places - 1;

// The header of a row ends the marks: it stands in the last place, so whatever it carries is deep.
template <std::size_t row>
constexpr bool is_leaf = [] {
  if constexpr (row >= std::size(carries)) {
    return false;
  } else {
    const Header& header = *headers[id_of(carries[row].inner)];
    return header.deep != Deep::always && static_cast<int>(header.place) == last_place;
  }
}();

// True where the header carries one of ours in `bytes`.
template <HeaderId id, std::size_t row>
inline bool carries_more(const u8* bytes) {
  constexpr const Header& header = *headers[id];
  if constexpr (header.space == Space::none || row >= std::size(carries)) {
    return false;
  } else {
    constexpr Field selector = *field_of(header, header.selector);
    const bool here =
        carries[row].value <= selector.mask() && read(selector, bytes) == carries[row].value;
    return here | carries_more<id, next_row(header.space, row + 1)>(bytes);
  }
}

// What speaks against the marks of a row's leaf: it is odd, or carries something.
template <std::size_t row>
inline bool is_odd_leaf(const u8* bytes) {
  constexpr HeaderId id = id_of(carries[row].inner);
  constexpr const Header& header = *headers[id];
  bool odd = carries_more<id, next_row(header.space, 0)>(bytes);
  if constexpr (header.deep == Deep::sometimes) odd |= header.odd(bytes);
  return odd;
}

// Marks the leaf of one of two rows if `value` names it. Nobody can foretell whether the next
// packet is TCP or UDP: tables and sums decide, as a branch would cost more than all the rest.
template <std::size_t row, std::size_t other>
inline bool enter_leaf(Marks& marks, const u8* bytes, u64 value, u32 at, u32 end) {
  constexpr HeaderId ids[] = {id_of(carries[row].inner), id_of(carries[other].inner)};
  static constexpr auto kinds = [] {
    std::array<u8, 256> all{};
    all[carries[row].value] = 1;
    all[carries[other].value] = 2;
    return all;
  }();
  static constexpr u64 bits[] = {0, u64{1} << ids[0], u64{1} << ids[1]};
  static constexpr u8 sizes[] = {0, headers[ids[0]]->size(), headers[ids[1]]->size()};
  const u8 kind = kinds[value & 255];
  if (kind == 0) return false;
  if (at + sizes[kind] > end) [[unlikely]] {  // cut
    marks.deep = 1;
    return true;
  }
  const u64 odd = u64{is_odd_leaf<row>(bytes)} | u64{is_odd_leaf<other>(bytes)} << 1;
  marks.deep |= kind & odd;
  marks.has |= bits[kind];
  marks.stands(last_place, at);
  return true;
}

// Enters the header that `value` names; returns where none of ours does.
template <Space space, int place, std::size_t row>
inline void carry(Marks& marks, const u8* data, u64 value, u32 at, u32 end) {
  if constexpr (row < std::size(carries)) {
    constexpr std::size_t second = next_row(space, row + 1);
    if constexpr (is_leaf<row> && is_leaf<second> && space == Space::ip_protocol) {
      const u8* bytes = data + at;
      if (!enter_leaf<row, second>(marks, bytes, value, at, end))
        carry<space, place, next_row(space, second + 1)>(marks, data, value, at, end);
    } else {
      if (value == carries[row].value)
        return enter<id_of(carries[row].inner), place>(marks, data, at, end);
      carry<space, place, next_row(space, row + 1)>(marks, data, value, at, end);
    }
  }
}

// What stands behind a header of `length` bytes.
template <HeaderId id>
inline void leave(Marks& marks, const u8* data, u32 at, u32 length, u32 end) {
  constexpr const Header& header = *headers[id];
  if constexpr (!header.total.empty()) {
    constexpr Field total = *field_of(header, header.total);
    const auto told = static_cast<u32>(read(total, data + at)) + header.total_adds;
    if (told >= header.size()) end = std::min(end, at + told);
  }
  if constexpr (header.space != Space::none) {
    constexpr Field selector = *field_of(header, header.selector);
    carry<header.space, static_cast<int>(header.place), next_row(header.space, 0)>(
        marks, data, read(selector, data + at), at + length, end);
  }
}

template <HeaderId id, int outer_place>
inline void enter(Marks& marks, const u8* data, u32 at, u32 end) {
  constexpr const Header& header = *headers[id];
  constexpr int place = static_cast<int>(header.place);
  if constexpr (header.deep == Deep::always || place <= outer_place) {
    marks.deep = 1;
  } else {
    constexpr unsigned size = header.size();
    if (at + size > end) {  // cut
      marks.deep = 1;
      return;
    }
    const u8* bytes = data + at;
    marks.has |= u64{1} << id;
    marks.stands(place, at);
    if (header.usual(bytes)) return leave<id>(marks, data, at, size, end);
    if constexpr (header.deep == Deep::sometimes) {
      marks.deep = header.odd(bytes) ? 1 : 0;
      if (marks.deep != 0) return;
    }
    u32 length = size;
    if constexpr (!header.length.empty()) {
      constexpr Field field = *field_of(header, header.length);
      length = std::max(length, static_cast<u32>(read(field, bytes)));
    }
    leave<id>(marks, data, at, length, end);
  }
}

// Marks packets that lie one behind the other; bit i of the answer: packet i is deep.
template <HeaderId first>
[[gnu::flatten]] u64 mark_from(Packet* packets, unsigned count) {
  u64 deep = 0;
  for (unsigned i = count; i-- > 0;) {
    Packet& packet = packets[i];
    Marks marks;
    enter<first, -1>(marks, packet.data, 0, packet.captured);
    packet.has = marks.has;
    std::memcpy(packet.at.data(), &marks.at, sizeof marks.at);
    packet.deep = marks.deep != 0;
    deep = deep << 1 | (marks.deep != 0 ? 1 : 0);
  }
  return deep;
}

u64 mark_all(Packet* packets, unsigned count, u16 link_type) {
  switch (link_type) {
    case 1:
      return mark_from<id_eth>(packets, count);
    case 113:
      return mark_from<id_sll>(packets, count);
    case 276:
      return mark_from<id_sll2>(packets, count);
    case 228:
      return mark_from<id_ip>(packets, count);
    case 229:
      return mark_from<id_ipv6>(packets, count);
    default:  // bare or rare: the deep path reads wire/carries.h's links
      for (unsigned i = 0; i < count; ++i) {
        packets[i].has = 0;
        packets[i].at = {};
        packets[i].deep = true;
      }
      return Batch::mask(count);
  }
}

}  // namespace

void mark(Packet& packet, u16 link_type) { mark_all(&packet, 1, link_type); }

void Dissector::dissect(Batch& batch, const std::deque<source::Interface>& interfaces) {
  batch.deep = 0;
  for (unsigned from = 0; from < batch.count;) {  // mostly one turn: all of one interface
    const u16 interface = batch.packets[from].interface;
    unsigned to = interfaces.size() == 1 ? batch.count : from + 1;
    while (to < batch.count && batch.packets[to].interface == interface) ++to;
    batch.deep |= mark_all(&batch.packets[from], to - from, interfaces[interface].link_type)
                  << from;
    from = to;
  }
}

void Dissector::date(Batch& batch) {
  i64 first = first_;
  i64 previous = previous_;
  for (unsigned i = 0; i < batch.count; ++i) {
    Packet& packet = batch.packets[i];
    // A packet without time counts as of 1970, another record as of the time before: as in tshark.
    i64 time = packet.time;
    if (time == no_time)
      time = packet.record == Record::packet || previous == no_time ? 0 : previous;
    if (first == no_time) first = previous = time;
    packet.since_first = time - first;
    packet.since_previous = time - previous;
    previous = time;
  }
  first_ = first;
  previous_ = previous;
}

}  // namespace trama::dissect
