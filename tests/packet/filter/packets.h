// Hand-made packets for the tests of the filter: small, every byte known.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/filter/filter.h"

namespace trama::filter::tests {

inline void put(std::vector<u8>& out, std::initializer_list<int> bytes) {
  for (const int byte : bytes) out.push_back(static_cast<u8>(byte));
}
inline void put16(std::vector<u8>& out, unsigned value) {
  out.push_back(static_cast<u8>(value >> 8));
  out.push_back(static_cast<u8>(value));
}
inline void put32(std::vector<u8>& out, u32 value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

inline std::vector<u8> ethernet(unsigned type) {
  std::vector<u8> out;
  put(out, {0x00, 0x1b, 0x21, 0x3c, 0x9d, 0xf8, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01});
  put16(out, type);
  return out;
}
inline std::vector<u8> operator+(std::vector<u8> left, const std::vector<u8>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
inline std::vector<u8> bytes(std::string_view text) { return {text.begin(), text.end()}; }

inline std::vector<u8> ipv4(u32 from, u32 to, unsigned protocol, const std::vector<u8>& payload,
                            unsigned fragment = 0x4000, unsigned ttl = 64) {
  std::vector<u8> out;
  put(out, {0x45, 0});
  put16(out, 20 + static_cast<unsigned>(payload.size()));
  put16(out, 0x1234);
  put16(out, fragment);
  out.push_back(static_cast<u8>(ttl));
  out.push_back(static_cast<u8>(protocol));
  put16(out, 0);
  put32(out, from);
  put32(out, to);
  return out + payload;
}
inline std::vector<u8> ipv6(int last, unsigned next, const std::vector<u8>& payload) {
  std::vector<u8> out;
  put(out, {0x60, 0, 0, 0});
  put16(out, static_cast<unsigned>(payload.size()));
  out.push_back(static_cast<u8>(next));
  out.push_back(64);
  for (const int end : {last, 2}) {
    put(out, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    out.push_back(static_cast<u8>(end));
  }
  return out + payload;
}
inline std::vector<u8> tcp(unsigned from, unsigned to, unsigned flags, std::string_view payload) {
  std::vector<u8> out;
  put16(out, from);
  put16(out, to);
  put32(out, 1000);
  put32(out, 2000);
  put16(out, 0x5000 | flags);
  put16(out, 64240);
  put32(out, 0);
  return out + bytes(payload);
}
inline std::vector<u8> udp(unsigned from, unsigned to, std::string_view payload) {
  std::vector<u8> out;
  put16(out, from);
  put16(out, to);
  put16(out, 8 + static_cast<unsigned>(payload.size()));
  put16(out, 0);
  return out + bytes(payload);
}

inline constexpr u32 client = 0x0a000001, server = 0x0a000002, far = 0xc0a80105;

// A batch that owns its bytes.
class Packets {
 public:
  void add(std::vector<u8> bytes, i64 time = 0, u32 wire = 0) {
    const auto size = static_cast<u32>(bytes.size());
    bytes.resize(bytes.size() + padding);
    bytes_.push_back(std::move(bytes));
    Packet& packet = batch.packets[batch.count++];
    packet.data = bytes_.back().data();
    packet.captured = size;
    packet.wire = wire == 0 ? size : wire;
    packet.number = batch.count;
    packet.time = time;
  }
  void mark() {
    dissector_.dissect(batch, interfaces);
    dissector_.date(batch);
  }

  Batch batch;
  std::deque<source::Interface> interfaces{source::Interface{}};

 private:
  std::deque<std::vector<u8>> bytes_;
  dissect::Dissector dissector_;
};

// What the tests filter, by number:
//  1 SYN 10.0.0.1:40000 > 10.0.0.2:80      2 SYN, ACK back
//  3 PSH, ACK "GET / HTTP/1.1"             4 UDP 10.0.0.1:5353 > 192.168.1.5:53 "abc"
//  5 ARP request                           6 TCP over IPv6, RST, 443 > 50000
//  7 the first fragment of a datagram      8 ICMP 3/3 that quotes packet 4's headers
//  9 VLAN 100 with UDP 7 > 7              10 IPv4 in IPv4 with TCP 1 > 2, FIN
// 11 a TCP header cut by the capture      12 without a time: UDP 9 > 9 on 127.0.0.1
inline void add_all(Packets& packets) {
  constexpr i64 start = 1'600'000'000'000'000'000;
  constexpr i64 step = 250'000'000;
  const auto frame = [&](std::vector<u8> bytes, u32 wire = 0) {
    packets.add(std::move(bytes), start + step * packets.batch.count, wire);
  };
  const auto quoted = ipv4(client, far, 17, udp(5353, 53, ""));
  frame(ethernet(0x800) + ipv4(client, server, 6, tcp(40000, 80, 0x002, "")));
  frame(ethernet(0x800) + ipv4(server, client, 6, tcp(80, 40000, 0x012, "")));
  frame(ethernet(0x800) + ipv4(client, server, 6, tcp(40000, 80, 0x018, "GET / HTTP/1.1")));
  frame(ethernet(0x800) + ipv4(client, far, 17, udp(5353, 53, "abc"), 0, 128));
  std::vector<u8> arp;
  put(arp, {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2});
  frame(ethernet(0x806) + arp);
  frame(ethernet(0x86dd) + ipv6(1, 6, tcp(443, 50000, 0x004, "")));
  frame(ethernet(0x800) + ipv4(client, server, 17, udp(1, 2, "abcdefgh"), 0x2000));
  std::vector<u8> error;
  put(error, {3, 3, 0, 0, 0, 0, 0, 0});
  frame(ethernet(0x800) + ipv4(far, client, 1, error + quoted, 0, 60));
  std::vector<u8> tag;
  put(tag, {0, 100, 8, 0});
  frame(ethernet(0x8100) + tag + ipv4(client, server, 17, udp(7, 7, "")));
  frame(ethernet(0x800) +
        ipv4(client, server, 4, ipv4(far, client, 6, tcp(1, 2, 0x011, "")), 0, 9));
  auto cut = ethernet(0x800) + ipv4(client, server, 6, tcp(40000, 80, 0x010, ""));
  cut.resize(cut.size() - 8);
  frame(cut, 54);
  packets.add(ethernet(0x800) + ipv4(0x7f000001, 0x7f000001, 17, udp(9, 9, "")), no_time);
  packets.mark();
}

}  // namespace trama::filter::tests
