// Frames for the packet tests (packet/make/frames.h), and what keeps them as packets.
#pragma once
#include <vector>

#include "packet/make/frames.h"
#include "packet/source/packet.h"

namespace trama::tests {

using make::ethernet;
using make::icmp_error;
using make::ipv4;
using make::ipv6;
using make::tcp;
using make::TcpParts;
using make::udp;

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
