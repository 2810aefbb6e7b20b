// A header is written once, as a table of its fields in RFC order (src/wire/protocols/). Dissector,
// filter, tree, JSON, probe builder and docs read that table; nothing else knows a bit position.
#pragma once
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/say.h"

namespace trama::wire {

// What a field's bits mean and how its value is written, as tshark writes it.
enum class Show : u8 {
  dec,  // a number
  signed_dec,
  hex2,  // 0x and so many digits
  hex4,
  hex6,
  hex8,
  flag,   // 0 or 1
  ether,  // 48 bits
  ipv4,
  ipv6,        // 128 bits: the one that does not fit a load
  bytes,       // hex digits without separators
  text,        // UTF-8 made by a walk
  seconds,     // relative time, nanoseconds in the value (signed)
  decimal,     // a number, in billionths in the value (signed)
  moment,      // absolute time, nanoseconds since 1970 (signed)
  moment_utc,  // the same, shown in UTC with the month's name
  mark,        // there or not; no value
  layer,       // a protocol itself: stands for all its bytes
};

// The steps of a packet's way that find values: the headers' own bytes, which conversation the
// packet belongs to, what it does there, the messages inside (and how they came together).
enum class Stage : u8 { dissect, streams, flow, parse };

struct Name {  // what a number means: "6" is "TCP"
  u64 value;
  std::string_view text;
};

struct Field {
  std::string_view word;  // Wireshark's: "tcp.srcport"; "" for bits that nobody asks for
  u16 bits;               // width, as drawn in the RFC; 0 where a walk finds the value
  Show show;
  std::string_view label;              // what it means; a key of the catalogue
  u8 times = 1;                        // the value counts units of so many
  bool again = false;                  // these bits were listed already: this row sums them up
  bool (*holds)(const u8*) = nullptr;  // the header must be like this for the field to exist
  std::span<const Name> names = {};
  Stage stage = Stage::dissect;  // which step of a packet's way knows it
  u16 at = 0;                    // first bit; lay_out() fills it in

  [[nodiscard]] constexpr unsigned byte() const { return at / 8; }
  [[nodiscard]] constexpr unsigned shift() const { return 64U - at % 8 - bits; }
  [[nodiscard]] constexpr u64 mask() const { return ~u64{0} >> (64 - bits); }
  // The bytes that the field touches.
  [[nodiscard]] constexpr unsigned length() const { return (at % 8 + bits + 7U) / 8; }
};

// Said around a row: its unit, that it sums up the bits before it, when it exists, what values
// mean.
consteval Field times(u8 unit, Field field) {
  field.times = unit;
  return field;
}
consteval Field again(Field field) {
  field.again = true;
  return field;
}
consteval Field only(bool (*holds)(const u8*), Field field) {
  field.holds = holds;
  return field;
}
consteval Field late(Field field) {  // only the flow table knows it
  field.stage = Stage::flow;
  return field;
}
consteval Field told(Field field) {  // only the messages tell it
  field.stage = Stage::parse;
  return field;
}
template <std::size_t n>
consteval Field named(const Name (&names)[n], Field field) {
  field.names = names;
  return field;
}

// Computes the offsets, and refuses to compile where the widths do not add up to `bytes`.
template <unsigned bytes, std::size_t n>
consteval std::array<Field, n> lay_out(const Field (&rows)[n]) {
  auto fields = std::to_array(rows);
  unsigned next = 0;
  for (Field& field : fields) {
    field.at = static_cast<u16>(field.again ? next - field.bits : next);
    next = field.at + field.bits;
    if (field.show != Show::ipv6 && field.at % 8 + field.bits > 64)
      throw "a field must fit one 8-byte load";
  }
  return next == 8 * bytes ? fields : throw "the widths do not add up to the header";
}

// Big-endian: one load and a bswap. Inlined everywhere: left to itself g++ calls it.
[[gnu::always_inline]] constexpr u64 load8(const u8* p) {
  u64 value = 0;
  if (std::is_constant_evaluated() || std::endian::native == std::endian::big) {
    for (unsigned i = 0; i < 8; ++i) value = value << 8 | p[i];
    return value;
  }
  std::memcpy(&value, p, sizeof value);
  return __builtin_bswap64(value);
}

// The value of a field of at most 64 bits; the 8 bytes at its first one must be readable.
// Inlined everywhere: of a known field little is left of it.
[[gnu::always_inline]] constexpr u64 read(const Field& field, const u8* header) {
  const unsigned bit = field.at % 8;
  if (bit + field.bits <= 8)  // the frequent widths load no more than they need
    return (header[field.byte()] >> (8 - bit - field.bits) & field.mask()) * field.times;
  if (bit == 0 && field.bits == 16)
    return (u64{header[field.byte()]} << 8 | header[field.byte() + 1]) * field.times;
  return (load8(header + field.byte()) >> field.shift() & field.mask()) * field.times;
}

// One field of a table by its word; a word that is not there does not compile.
template <std::size_t n>
consteval const Field& in(const std::array<Field, n>& fields, std::string_view word) {
  for (const Field& field : fields)
    if (field.word == word) return field;
  throw "no such field";
}

// A word that stands for two fields, as Wireshark's tcp.port does.
struct Alias {
  std::string_view word, first, second;
};

}  // namespace trama::wire
