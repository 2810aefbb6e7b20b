// Addresses as values: IPv4 and IPv6, with or without a port, and CIDR blocks.
// Text forms are RFC 5952's for IPv6, dotted quads for IPv4, "[::1]:80" for endpoints.
#pragma once
#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"

namespace trama {

struct Address {
  std::array<u8, 16> bytes{};  // network order; an IPv4 address fills the first four
  bool v6 = false;
  u8 unused = 0;  // leaves no gap in an Endpoint

  [[nodiscard]] Bytes view() const { return {bytes.data(), v6 ? 16U : 4U}; }
  [[nodiscard]] bool is_any() const;
  [[nodiscard]] bool is_loopback() const;  // 127.0.0.0/8, ::1
  // ::ffff:1.2.3.4 becomes 1.2.3.4; everything else stays.
  [[nodiscard]] Address unmapped() const;
  std::strong_ordering operator<=>(const Address&) const = default;
  // As two words: packets are compared by this, and a call for 16 bytes costs more than they do.
  bool operator==(const Address& other) const {
    u64 a[2];
    u64 b[2];
    std::memcpy(a, bytes.data(), sizeof a);
    std::memcpy(b, other.bytes.data(), sizeof b);
    return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0 && v6 == other.v6;
  }
};

struct Endpoint {
  Address address;
  u16 port = 0;
  u32 scope = 0;  // the interface's index, for fe80::/10 only

  // The whole of it as three words. Packets are compared and looked up by them: field by field
  // costs thrice as much.
  [[nodiscard]] u64 word(unsigned index) const {
    u64 word;  // NOLINT: written at once
    std::memcpy(&word, reinterpret_cast<const char*>(this) + sizeof word * index, sizeof word);
    return word;
  }
  void set_word(unsigned index, u64 word) {
    std::memcpy(reinterpret_cast<char*>(this) + sizeof word * index, &word, sizeof word);
  }
  auto operator<=>(const Endpoint&) const = default;
  bool operator==(const Endpoint& other) const {
    return ((word(0) ^ other.word(0)) | (word(1) ^ other.word(1)) | (word(2) ^ other.word(2))) == 0;
  }
};
static_assert(std::has_unique_object_representations_v<Endpoint>);

struct Cidr {
  Address base;  // bits beyond the prefix are kept as typed
  unsigned prefix = 0;
  [[nodiscard]] bool contains(const Address& address) const;
};

std::optional<Address> parse_address(std::string_view text);
std::optional<Cidr> parse_cidr(std::string_view text);  // a bare address is a block of one
std::optional<u16> parse_port(std::string_view text);   // decimal, 0 to 65535

Address address_of(Bytes four_or_sixteen);
std::string to_string(const Address& address);
std::string to_string(const Endpoint& endpoint);

// To and from the kernel's shape. size_of gives the length that bind and connect want.
sockaddr_storage to_sockaddr(const Endpoint& endpoint);
socklen_t size_of(const sockaddr_storage& address);
Endpoint to_endpoint(const sockaddr_storage& address);

}  // namespace trama
