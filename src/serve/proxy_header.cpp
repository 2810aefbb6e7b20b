#include "serve/proxy_header.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace trama::serve {
namespace {

using State = ProxyHeader::State;

constexpr std::string_view word = "PROXY ";
constexpr std::array<u8, 12> signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                       0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::size_t fixed = 16;  // bytes before a binary header's addresses

constexpr ProxyHeader bad{.state = State::bad};
constexpr ProxyHeader more{};

std::string_view chars_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

u16 number_at(Bytes bytes, std::size_t at) {
  return static_cast<u16>(bytes[at] << 8U | bytes[at + 1]);
}

// Takes the word up to the next space; nothing where there is none.
std::optional<std::string_view> next_word(std::string_view& line) {
  const auto space = line.find(' ');
  if (space == line.npos) return {};
  const auto found = line.substr(0, space);
  line.remove_prefix(space + 1);
  return found;
}

std::optional<u16> port_of_text(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return {};
  return parse_port(text);
}

std::optional<Address> address_of_text(std::string_view text, bool v6) {
  const auto address = parse_address(text);
  return address && address->v6 == v6 ? address : std::nullopt;
}

// "TCP4 192.0.2.1 192.0.2.2 40000 443", without its CRLF.
std::optional<ProxyAddresses> addresses_of_line(std::string_view line) {
  const auto family = next_word(line);
  if (family != "TCP4" && family != "TCP6") return {};
  const bool v6 = family == "TCP6";
  const auto from = next_word(line), to = next_word(line), port = next_word(line);
  if (!from || !to || !port) return {};
  const auto source = address_of_text(*from, v6), destination = address_of_text(*to, v6);
  const auto source_port = port_of_text(*port), destination_port = port_of_text(line);
  if (!source || !destination || !source_port || !destination_port) return {};
  return ProxyAddresses{
      {.address = *source,      .port = *source_port     },
      {.address = *destination, .port = *destination_port}
  };
}

ProxyHeader parse_text(std::string_view text) {
  const auto start = std::min(text.size(), word.size());
  if (text.substr(0, start) != word.substr(0, start)) return bad;
  const auto end = text.substr(0, ProxyHeader::longest_text).find('\r');
  if (end == text.npos || end + 1 == text.size())
    return text.size() < ProxyHeader::longest_text ? more : bad;
  if (text[end + 1] != '\n' || end + 2 > ProxyHeader::longest_text || end < word.size()) return bad;
  const auto line = text.substr(word.size(), end - word.size());
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN "))
    return {.state = State::whole, .size = end + 2};
  const auto addresses = addresses_of_line(line);
  if (!addresses) return bad;
  return {.state = State::whole, .size = end + 2, .addresses = addresses};
}

// `bytes`: addresses of so many bytes each, then two ports.
ProxyAddresses addresses_at(Bytes bytes, std::size_t length) {
  const auto ports = 2 * length;
  return {
      {.address = address_of(bytes.first(length)), .port = number_at(bytes, ports)    },
      { .address = address_of(bytes.subspan(length,                                  length)), .port = number_at(bytes, ports + 2)}
  };
}

ProxyHeader parse_binary(Bytes bytes) {
  if (!std::equal(
          bytes.begin(),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), signature.size())),
          signature.begin()))
    return bad;
  constexpr std::size_t command_at = 12, family_at = 13, length_at = 14;
  if (bytes.size() > command_at && bytes[command_at] != 0x20 && bytes[command_at] != 0x21)
    return bad;  // version 2, LOCAL or PROXY
  if (bytes.size() > family_at && ((bytes[family_at] >> 4U) > 3 || (bytes[family_at] & 0xfU) > 2))
    return bad;
  if (bytes.size() < fixed) return more;
  const bool local = bytes[command_at] == 0x20;
  const unsigned family = bytes[family_at];
  const std::size_t length = number_at(bytes, length_at);
  const std::size_t needed = local                    ? 0
                             : (family >> 4U) == 0x1U ? 12
                             : (family >> 4U) == 0x2U ? 36
                             : (family >> 4U) == 0x3U ? 216
                                                      : 0;
  if (length < needed || fixed + length > ProxyHeader::longest) return bad;
  if (bytes.size() < fixed + length) return more;
  ProxyHeader header{.state = State::whole, .size = fixed + length};
  const auto rest = bytes.subspan(fixed);
  // Datagrams (the low 2) do not come by a stream: such a header names nobody here.
  if (!local && family == 0x11) header.addresses = addresses_at(rest, 4);
  if (!local && family == 0x21) header.addresses = addresses_at(rest, 16);
  return header;
}

}  // namespace

ProxyHeader parse_proxy_header(Bytes bytes) {
  if (bytes.empty()) return more;
  return bytes[0] == signature[0] ? parse_binary(bytes) : parse_text(chars_of(bytes));
}

}  // namespace trama::serve
