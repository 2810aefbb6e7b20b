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

struct End {
  Endpoint endpoint;
  TcpState state = TcpState::none;
  bool has_base = false;
  u32 base = 0;       // its first sequence number: relative numbers count from here
  bool sent = false;  // `next` means something
  u32 next = 0;       // behind the highest byte that it sent
  bool acks = false;
  u32 acked = 0;    // highest acknowledgement number that it sent
  u32 fin_end = 0;  // behind its FIN, once it sent one
  bool fin_sent = false;
  bool arrives = false;
  u32 arrived = 0;  // of the peer's bytes: all before this number reached it
  // Blocks beyond `arrived`, when packets overtake or are lost; the oldest gives way when all are
  // used.
  struct Block {
    u32 from = 0, to = 0;
  };
  std::array<Block, 4> ahead{};
  u8 blocks = 0;
  u16 window = 0;
  int window_scale = -1;  // shift, as its SYN told; -1: unknown, -2: not used
  u16 mss = 0;
  unsigned duplicate_acks = 0;
  u16 syn_flags = 0;              // of its newest SYN: an answering SYN ACK repeats no SYN
  bool repeated_in_vain = false;  // its newest bytes had arrived before
  bool kept_alive = false;        // its newest packet was a keep-alive
  u64 packets = 0, bytes = 0;
};

// What a later step remembers of a conversation; it goes with it.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;
};

struct Conversation {
  u32 stream = 0;  // names it: the first tcp.stream or udp.stream of its packets
  u32 number = 0;  // that of its next packets, as tshark counts
  bool tcp = true;
  bool syn_seen = false;      // the beginning was captured
  bool ended = false;         // another took its place: it has no packets to come
  bool renumbers = false;     // its next packet takes a new number
  bool by_announced = false;  // its packets' numbers are those of an announced end
  u8 client = 0;              // which end asked to connect, or spoke first
  i64 first = no_time, last = no_time;
  i64 data_sent[2] = {no_time, no_time};  // when each end's newest bytes were sent
  std::array<End, 2> ends;
  std::array<Track, 2> tracks;       // of analysis.h
  i64 syn_time = no_time;            // of the newest SYN
  i64 first_rtt = -1;                // from SYN to the first ACK without; -1: not seen
  u8 completeness = 0;               // tcp.completeness so far
  std::unique_ptr<Memory> messages;  // of the parse step
  std::unique_ptr<Memory> evidence;  // of the judge, where somebody asks for verdicts

  // False where it is known from quotes and tunnels only.
  [[nodiscard]] bool has_spoken() const { return ends[0].packets + ends[1].packets > 0; }
  [[nodiscard]] const End& client_end() const { return ends[client]; }
  [[nodiscard]] const End& server_end() const { return ends[1 - client]; }
};

}  // namespace trama::flow
