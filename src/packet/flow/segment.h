// One TCP segment or UDP datagram, taken out of its packet: who sent what to whom. Of tunnels it is
// the innermost; what an ICMP error quotes is told apart.
#pragma once
#include <optional>

#include "base/address.h"
#include "packet/dissect/tree.h"

namespace trama::flow {

// The flag bits as they stand in the header's 12 bits.
struct TcpFlag {
  static constexpr u16 fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32, ece = 64, cwr = 128;
};

struct Ends {  // of what one packet says
  Endpoint from, to;
  bool tcp = true;
};

struct Segment : Ends {
  u32 length = 0;  // payload bytes on the wire
  Bytes payload;   // as far as captured
  // TCP only.
  u32 seq = 0, ack = 0;
  u16 flags = 0;
  u16 window = 0;         // as it stands, before scaling
  u16 mss = 0;            // 0: not told
  int window_scale = -1;  // shift; -1: not told
  bool sack_permitted = false;
  bool whole = true;   // its header's own length can be; else numbers tell nothing
  bool counts = true;  // ... and is not less than a header has: else it completes nothing
  u32 sacked = 0;      // bytes that its SACK blocks name

  [[nodiscard]] bool has(u16 flag) const { return (flags & flag) != 0; }
  // The sequence numbers that it takes: payload, and one each for SYN and FIN.
  [[nodiscard]] u32 space() const {
    return length + (has(TcpFlag::syn) ? 1U : 0U) + (has(TcpFlag::fin) ? 1U : 0U);
  }
};

// What an ICMP or ICMPv6 error says about a segment that it quotes.
struct IcmpError {
  bool v6 = false;
  u8 type = 0, code = 0;
  Address reporter;
  Segment quoted;  // its first 8 bytes at least; flags and lengths may be missing
};

// Where a packet's own network and transport headers stand; of tunnels the innermost ones.
struct Headers {
  const u8* network = nullptr;
  bool v6 = false;
  const u8* transport = nullptr;
  bool tcp = true;
  u32 at_hand = 0;  // bytes from the transport header on, captured
  u32 on_wire = 0;
};

// What there is from the transport header on, of a packet whose marks tell a network and a
// transport header: bytes captured, and bytes on the wire as the network header counts them.
struct Reach {
  u32 at_hand = 0, on_wire = 0;
};
Reach transport_reach(const Packet& packet);

// The tree's TCP or UDP header at index `layer`, sent from and to the addresses around it; nullopt
// where there are none.
std::optional<Segment> segment_in(const dissect::Tree& tree, std::size_t layer);
bool is_transport(const dissect::Layer& layer);
bool is_icmp(const dissect::Layer& layer);  // or ICMPv6: what it carries is a quote
// The layer of the segment that the packet itself carries, the innermost one; nullopt where there
// is none, or only what an ICMP message quotes.
std::optional<std::size_t> own_transport(const dissect::Tree& tree);

// False where it has none. `tree` as for segment_of().
bool headers_of(const Packet& packet, const dissect::Tree* tree, Headers& headers);
// From the fast marks, or from the tree where the packet is deep (the tree must be of this packet).
// False where it carries none; `segment` is a blank one, filled in its place: it is large.
bool segment_of(const Packet& packet, const dissect::Tree* tree, Segment& segment);
std::optional<IcmpError> icmp_error_of(const dissect::Tree& tree);

}  // namespace trama::flow
