// A TCP connection or a UDP exchange as far as its packets tell: both ends, their states, what was
// sent and what arrived.
#pragma once
#include <array>
#include <memory>

#include "base/address.h"
#include "packet/flow/analysis.h"
#include "packet/flow/tcp_states.h"
#include "packet/source/packet.h"

namespace trama::flow {

// Sequence numbers wrap (RFC 9293 section 3.4): they compare by their distance.
constexpr bool before(u32 a, u32 b) { return static_cast<std::int32_t>(a - b) < 0; }

// One end, as far as its own packets and the peer's tell. In the order of use, with the numbers
// first: one line of the processor's cache.
struct End {
  u32 base = 0;     // its first sequence number: relative numbers count from here
  u32 next = 0;     // behind the highest byte that it sent
  u32 acked = 0;    // highest acknowledgement number that it sent
  u32 fin_end = 0;  // behind its FIN, once it sent one
  u32 arrived = 0;  // of the peer's bytes: all before this number reached it
  u32 duplicate_acks = 0;
  u64 packets = 0, bytes = 0;
  i64 data_sent = no_time;  // when its newest bytes were sent
  u16 window = 0;
  u16 mss = 0;
  u16 syn_flags = 0;              // of its newest SYN: an answering SYN ACK repeats no SYN
  std::int8_t window_scale = -1;  // shift, as its SYN told; -1: unknown, -2: not used
  TcpState state = TcpState::none;
  bool has_base : 1 = false;
  bool sent : 1 = false;  // `next` means something
  bool acks : 1 = false;
  bool fin_sent : 1 = false;
  bool arrives : 1 = false;
  bool repeated_in_vain : 1 = false;  // its newest bytes had arrived before
  bool kept_alive : 1 = false;        // its newest packet was a keep-alive
  // Blocks beyond `arrived`, when packets overtake or are lost; the oldest gives way when all are
  // used.
  struct Block {
    u32 from = 0, to = 0;
  };
  static constexpr std::size_t most_blocks = 4;
  u8 blocks = 0;
  std::unique_ptr<std::array<Block, most_blocks>> ahead;  // once there was one
};

// What a later step remembers of a conversation; it goes with it.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;
};

// Lines of the processor's cache, in the order of use: with many conversations under way, each
// costs as much as a hundred instructions. UDP needs the first four of them.
struct alignas(64) Conversation {
  // The first packet went from the first to the second. What follows to the end of the line is
  // needed to tell whether a packet is this conversation's, and which end sent it.
  std::array<Endpoint, 2> endpoints;
  u32 stream = 0;  // names it: the first tcp.stream or udp.stream of its packets
  u32 number = 0;  // that of its next packets, as tshark counts
  u32 place = 0;   // in the table's pool
  bool tcp : 1 = true;
  bool live : 1 = false;          // false: blank
  bool syn_seen : 1 = false;      // the beginning was captured
  bool ended : 1 = false;         // another took its place: it has no packets to come
  bool renumbers : 1 = false;     // its next packet takes a new number
  bool by_announced : 1 = false;  // its packets' numbers are those of an announced end
  bool foretold : 1 = false;      // FTP agreed on it
  u8 client = 0;                  // which end asked to connect, or spoke first
  u8 completeness = 0;            // tcp.completeness so far
  i64 first = no_time, last = no_time;
  i64 syn_time = no_time;            // of the newest SYN
  i64 first_rtt = -1;                // from SYN to the first ACK without; -1: not seen
  std::unique_ptr<Memory> messages;  // of the parse step
  std::unique_ptr<Memory> evidence;  // of the judge, where somebody asks for verdicts
  std::array<End, 2> ends;
  std::array<Track, 2> tracks;  // of analysis.h

  // The end that sends from there to the other; 2 where it is not between these two.
  [[nodiscard]] u8 sender(const Endpoint& from, const Endpoint& to) const {
    if (endpoints[0] == from && endpoints[1] == to) return 0;
    return endpoints[1] == from && endpoints[0] == to ? 1 : 2;
  }
  // False where it is known from quotes and tunnels only.
  [[nodiscard]] bool has_spoken() const { return ends[0].packets + ends[1].packets > 0; }
  [[nodiscard]] const Endpoint& client_endpoint() const { return endpoints[client]; }
  [[nodiscard]] const Endpoint& server_endpoint() const { return endpoints[1 - client]; }
};
static_assert(sizeof(Conversation) == std::size_t{7} * 64);

}  // namespace trama::flow
