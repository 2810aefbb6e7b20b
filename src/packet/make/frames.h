// Frames made from their parts: Ethernet, IPv4 or IPv6, TCP, UDP or ICMP, with right lengths and
// checksums. What scenarios are played with, and what tests feed.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace trama::make {

struct TcpParts {
  u16 from = 40000, to = 80;
  u32 seq = 0, ack = 0;
  u16 flags = 0;  // flow::TcpFlag
  u16 window = 64240;
  std::vector<u8> options = {};  // a multiple of 4 bytes
  std::string payload = {};
};

// 10.0.0.1, fd00::1 and 02:00:00:00:00:01 are the client's, those ending in 2 the server's; `back`
// swaps them. The checksum of a payload that tcp(), udp() or icmp_error() made is filled in.
std::vector<u8> ethernet(u16 type, const std::vector<u8>& payload, bool back = false);
std::vector<u8> ipv4(u8 protocol, std::vector<u8> payload, bool back = false, u16 id = 0);
// Bytes [from, to) of that payload as a fragment (RFC 791 section 3.2): `from` is a multiple of 8,
// and `to` as well, or the payload's end or beyond it.
std::vector<u8> ipv4_fragment(u8 protocol, std::vector<u8> payload, bool back, u16 id, u32 from,
                              u32 to);
std::vector<u8> ipv6(u8 next, std::vector<u8> payload, bool back = false);
std::vector<u8> tcp(const TcpParts& parts);
std::vector<u8> udp(u16 from, u16 to, std::string_view payload);
// An error that quotes a whole IPv4 packet; `rest`: the 4 bytes behind its checksum, such as an
// MTU.
std::vector<u8> icmp_error(u8 type, u8 code, const std::vector<u8>& quoted, u32 rest = 0);

}  // namespace trama::make
