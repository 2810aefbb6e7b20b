#include "base/address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace trama {

bool Address::is_any() const {
  return std::all_of(bytes.begin(), bytes.end(), [](u8 b) { return b == 0; });
}

bool Address::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](u8 b) { return b == 0; }) && bytes[15] == 1;
}

Address Address::unmapped() const {
  constexpr std::array<u8, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!v6 || !std::equal(mapped.begin(), mapped.end(), bytes.begin())) return *this;
  return address_of(Bytes{bytes}.subspan(12));
}

bool Cidr::contains(const Address& address) const {
  if (address.v6 != base.v6) return false;
  for (unsigned bit = 0; bit < prefix; bit += 8) {
    const unsigned left = std::min(8U, prefix - bit);
    const auto mask = static_cast<u8>(0xff00U >> left);
    if (((address.bytes[bit / 8] ^ base.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return {};
  char copy[INET6_ADDRSTRLEN]{};
  std::copy(text.begin(), text.end(), copy);
  Address address;
  if (inet_pton(AF_INET, copy, address.bytes.data()) == 1) return address;
  address = Address{.v6 = true};
  if (inet_pton(AF_INET6, copy, address.bytes.data()) == 1) return address;
  return {};
}

std::optional<Cidr> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = parse_address(text.substr(0, slash));
  if (!base) return {};
  const unsigned most = base->v6 ? 128 : 32;
  if (slash == std::string_view::npos) return Cidr{*base, most};
  const auto digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || prefix > most) return {};
  return Cidr{*base, prefix};
}

std::optional<u16> parse_port(std::string_view text) {
  u16 port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return port;
}

Address address_of(Bytes four_or_sixteen) {
  Address address{.v6 = four_or_sixteen.size() == 16};
  std::copy(four_or_sixteen.begin(), four_or_sixteen.end(), address.bytes.begin());
  return address;
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
}

std::string to_string(const Endpoint& endpoint) {
  if (!endpoint.address.v6) return fmt::format("{}:{}", to_string(endpoint.address), endpoint.port);
  if (endpoint.scope != 0)
    return fmt::format("[{}%{}]:{}", to_string(endpoint.address), endpoint.scope, endpoint.port);
  return fmt::format("[{}]:{}", to_string(endpoint.address), endpoint.port);
}

sockaddr_storage to_sockaddr(const Endpoint& endpoint) {
  sockaddr_storage out{};
  if (endpoint.address.v6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    in.sin6_scope_id = endpoint.scope;
    std::memcpy(&in.sin6_addr, endpoint.address.bytes.data(), 16);
    std::memcpy(&out, &in, sizeof in);
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.bytes.data(), 4);
    std::memcpy(&out, &in, sizeof in);
  }
  return out;
}

socklen_t size_of(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

Endpoint to_endpoint(const sockaddr_storage& address) {
  Endpoint out;
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    out.address.v6 = true;
    std::memcpy(out.address.bytes.data(), &in.sin6_addr, 16);
    out.port = ntohs(in.sin6_port);
    out.scope = in.sin6_scope_id;
  } else {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(out.address.bytes.data(), &in.sin_addr, 4);
    out.port = ntohs(in.sin_port);
  }
  return out;
}

}  // namespace trama
