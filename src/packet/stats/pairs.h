// Who sent to whom, at one protocol of a packet: what conversations and endpoints count.
#pragma once
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "packet/output/output.h"

namespace trama::stats {

enum class PairKind : u8 { eth, ip, ipv6, tcp, udp };

constexpr PairKind pair_kind(std::string_view word) {
  return word == "eth"    ? PairKind::eth
         : word == "ip"   ? PairKind::ip
         : word == "ipv6" ? PairKind::ipv6
         : word == "tcp"  ? PairKind::tcp
                          : PairKind::udp;
}
constexpr bool has_ports(PairKind kind) { return kind >= PairKind::tcp; }
// "IPv4", as tshark's titles have it.
std::string_view title_of(PairKind kind);

struct Place {  // an address at its layer, with a port where the layer has them
  std::array<u8, 16> bytes{};
  u8 size = 0;  // 4, 6 or 16
  u16 port = 0;
  bool operator==(const Place& other) const {  // as words: a call for 16 bytes costs more
    u64 a[2];
    u64 b[2];
    std::memcpy(a, bytes.data(), sizeof a);
    std::memcpy(b, other.bytes.data(), sizeof b);
    return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0 && size == other.size && port == other.port;
  }
};

struct Pair {
  Place from, to;
  u32 stream = ~0U;  // of TCP and UDP
  u8 end = 2;        // which end of that stream's conversation sent it; 2: not known
};

// Every header of the kind in the packet, outermost first; not what an ICMP error quotes.
void pairs_of(PairKind kind, const output::Shown& shown, std::vector<Pair>& pairs);

std::string address_text(const Place& place);

struct PlaceHash {
  std::size_t operator()(const Place& place) const;
};

}  // namespace trama::stats
