// Typed values, as a filter compares them: what kinds there are, which may be compared with which
// (tshark 4.0's rules), and comparing itself. Values are views: of the packet, of the filter's own
// constants or of the evaluation's scratch memory.
#pragma once
#include <string>
#include <string_view>

#include "wire/field.h"

namespace trama::filter {

enum class Sort : u8 {
  unsigned_number,
  signed_number,
  boolean,
  ether,
  ipv4,
  ipv6,
  bytes,
  protocol,  // a layer's bytes
  text,
  seconds,  // nanoseconds
  moment,   // nanoseconds since 1970
  mark,     // there or not: has no value
};

constexpr bool is_time(Sort sort) { return sort == Sort::seconds || sort == Sort::moment; }

struct Type {
  Sort sort = Sort::mark;
  u8 bits = 32;  // of numbers: tshark's width of the field, which bounds its constants
  bool operator==(const Type&) const = default;
  [[nodiscard]] bool is_number() const {
    return sort == Sort::unsigned_number || sort == Sort::signed_number;
  }
  // Its bytes are the value: contains and matches look into them.
  [[nodiscard]] bool is_string() const {
    return sort == Sort::bytes || sort == Sort::protocol || sort == Sort::text ||
           sort == Sort::ether;
  }
  [[nodiscard]] bool has_bytes() const {  // may be sliced
    return is_string() || sort == Sort::ipv4 || sort == Sort::ipv6;
  }
  [[nodiscard]] bool is_calculable(char sign) const;
};

Type type_of(const wire::Field& field);

// For sentences: "a number", "an IPv4 address", in the reader's language.
std::string name_of(Type type);

// True where values of the two may be compared.
bool compatible(Type a, Type b);

struct Value {
  i64 number = 0;            // numbers, booleans, ether, ipv4, seconds, moments
  const u8* data = nullptr;  // bytes, protocol, text, ipv6
  u32 size = 0;
  u8 prefix = 128;  // of an address: only so many bits count
  // Of a protocol: the bytes that its slices, its len() and comparisons see; contains and matches
  // look at all, payload included. 0: the same.
  u32 head = 0;
  [[nodiscard]] u32 length() const { return head != 0 && head < size ? head : size; }
  [[nodiscard]] Bytes bytes() const { return {data, size}; }
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(data), size};
  }
};

// -1, 0, 1: both values have the sort given. Of bytes the longer ones are greater. An unsigned
// number is neither below nor above a negative one on its right ("tcp.port > -1"), as in tshark.
inline constexpr int incomparable = 2;
int compare(Sort sort, const Value& a, const Value& b);

// The bits of an IPv4 address that its prefix length keeps.
constexpr u32 mask4(unsigned prefix) {
  return prefix == 0 ? 0 : prefix >= 32 ? ~u32{0} : ~u32{0} << (32 - prefix);
}

using Wide = unsigned __int128;
Wide wide_of(const u8* sixteen);
constexpr Wide mask6(unsigned prefix) {
  return prefix == 0 ? 0 : prefix >= 128 ? ~Wide{0} : ~Wide{0} << (128 - prefix);
}

}  // namespace trama::filter
