// Frames made by hand for the packet tests: Ethernet, IPv4 or IPv6, TCP, UDP or ICMP, with right
// lengths. Checksums are left 0: nothing here reads them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "packet/source/packet.h"

namespace trama::tests {

struct TcpParts {
  u16 from = 40000, to = 80;
  u32 seq = 0, ack = 0;
  u16 flags = 0;  // flow::TcpFlag
  u16 window = 64240;
  std::vector<u8> options = {};  // a multiple of 4 bytes
  std::string payload = {};
};

// 10.0.0.1 is the client, 10.0.0.2 the server; `back` swaps them.
std::vector<u8> ethernet(u16 type, const std::vector<u8>& payload, bool back = false);
std::vector<u8> ipv4(u8 protocol, const std::vector<u8>& payload, bool back = false);
std::vector<u8> ipv6(u8 next, const std::vector<u8>& payload, bool back = false);
std::vector<u8> tcp(const TcpParts& parts);
std::vector<u8> udp(u16 from, u16 to, std::string_view payload);
// An error that quotes a whole IPv4 packet.
std::vector<u8> icmp_error(u8 type, u8 code, const std::vector<u8>& quoted);

// Keeps the bytes of a packet, with the padding that a source gives.
class Kept {
 public:
  explicit Kept(std::vector<u8> bytes, u64 number = 1, i64 time = 0);
  [[nodiscard]] const Packet& packet() const { return packet_; }
  Packet& packet() { return packet_; }

 private:
  std::vector<u8> bytes_;
  Packet packet_;
};

}  // namespace trama::tests
