#include "packet/make/frames.h"

#include <algorithm>

#include "wire/checksum.h"

namespace trama::make {
namespace {

constexpr u8 icmp = 1, tcp_protocol = 6, udp_protocol = 17, icmpv6 = 58;

void put(std::vector<u8>& out, u64 value, unsigned count) {
  while (count > 0) out.push_back(static_cast<u8>(value >> (8 * --count)));
}

void append(std::vector<u8>& out, const std::vector<u8>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

u64 sum(const std::vector<u8>& bytes, u64 before = 0) {
  return wire::sum_words(bytes.data(), static_cast<u32>(bytes.size()), before);
}

u16 folded(u64 sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u16>(~sum);
}

// Fills in the payload's checksum; `addresses` are the IP header's, which most of them cover.
void close(std::vector<u8>& payload, u8 protocol, const std::vector<u8>& addresses) {
  const std::size_t at = protocol == tcp_protocol                 ? 16
                         : protocol == udp_protocol               ? 6
                         : protocol == icmp || protocol == icmpv6 ? 2
                                                                  : payload.size();
  if (payload.size() < at + 2) return;
  const u64 pseudo = protocol == icmp ? 0 : sum(addresses) + protocol + payload.size();
  u16 found = folded(sum(payload, pseudo));
  if (protocol == udp_protocol && found == 0) found = 0xffff;  // 0 means: there is none
  payload[at] = static_cast<u8>(found >> 8);
  payload[at + 1] = static_cast<u8>(found);
}

std::vector<u8> ipv4_addresses(bool back) {
  std::vector<u8> addresses;
  put(addresses, back ? 0x0a000002 : 0x0a000001, 4);
  put(addresses, back ? 0x0a000001 : 0x0a000002, 4);
  return addresses;
}

// `where`: the header's flags and fragment offset.
std::vector<u8> ipv4_packet(u8 protocol, const std::vector<u8>& payload,
                            const std::vector<u8>& addresses, u16 id, u16 where) {
  std::vector<u8> out;
  put(out, 0x4500, 2);
  put(out, 20 + payload.size(), 2);
  put(out, id, 2);
  put(out, where, 2);
  put(out, 64, 1);
  put(out, protocol, 1);
  put(out, folded(sum(out) + sum(addresses)), 2);
  append(out, addresses);
  append(out, payload);
  return out;
}

}  // namespace

std::vector<u8> ethernet(u16 type, const std::vector<u8>& payload, bool back) {
  std::vector<u8> out;
  put(out, back ? 0x020000000001 : 0x020000000002, 6);
  put(out, back ? 0x020000000002 : 0x020000000001, 6);
  put(out, type, 2);
  append(out, payload);
  return out;
}

std::vector<u8> ipv4(u8 protocol, std::vector<u8> payload, bool back, u16 id) {
  constexpr u16 dont_fragment = 0x4000;
  const auto addresses = ipv4_addresses(back);
  close(payload, protocol, addresses);
  return ipv4_packet(protocol, payload, addresses, id, dont_fragment);
}

std::vector<u8> ipv4_fragment(u8 protocol, std::vector<u8> payload, bool back, u16 id, u32 from,
                              u32 to) {
  constexpr u16 more_fragments = 0x2000;
  const auto addresses = ipv4_addresses(back);
  close(payload, protocol, addresses);
  const auto size = static_cast<u32>(payload.size());
  to = std::min(to, size);
  from = std::min(from, to);
  const Bytes part = Bytes{payload}.subspan(from, to - from);
  const u16 where = static_cast<u16>(from / 8 | (to < size ? more_fragments : 0));
  return ipv4_packet(protocol, {part.begin(), part.end()}, addresses, id, where);
}

std::vector<u8> ipv6(u8 next, std::vector<u8> payload, bool back) {
  std::vector<u8> addresses;
  for (const int last : {back ? 2 : 1, back ? 1 : 2}) {
    put(addresses, 0xfd00'0000'0000'0000, 8);
    put(addresses, static_cast<u64>(last), 8);
  }
  std::vector<u8> out;
  put(out, 0x60000000, 4);
  put(out, payload.size(), 2);
  put(out, next, 1);
  put(out, 64, 1);
  append(out, addresses);
  close(payload, next, addresses);
  append(out, payload);
  return out;
}

std::vector<u8> tcp(const TcpParts& parts) {
  std::vector<u8> out;
  put(out, parts.from, 2);
  put(out, parts.to, 2);
  put(out, parts.seq, 4);
  put(out, parts.ack, 4);
  put(out, (20 + parts.options.size()) / 4 << 12 | parts.flags, 2);
  put(out, parts.window, 2);
  put(out, 0, 4);
  append(out, parts.options);
  out.insert(out.end(), parts.payload.begin(), parts.payload.end());
  return out;
}

std::vector<u8> udp(u16 from, u16 to, std::string_view payload) {
  std::vector<u8> out;
  put(out, from, 2);
  put(out, to, 2);
  put(out, 8 + payload.size(), 2);
  put(out, 0, 2);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::vector<u8> icmp_error(u8 type, u8 code, const std::vector<u8>& quoted, u32 rest) {
  std::vector<u8> out{type, code, 0, 0};
  put(out, rest, 4);
  append(out, quoted);
  return out;
}

}  // namespace trama::make
