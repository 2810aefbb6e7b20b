// Wireshark's tcp.analysis: what a segment is against all that came before it, by the rules of
// tshark 4.0 (its flags are heuristics over sequence numbers, and so are these: the story judges
// causes for itself). Sequence numbers compare modulo 2^32; 0 stands for "not known yet".
#pragma once

#include "base/bytes.h"
#include "packet/flow/flight.h"

namespace trama::flow {

struct Segment;

// Findings, as bits; the words are tcp.analysis.*.
namespace found {
enum Finding : u32 {
  retransmission = 1,
  lost_segment = 2,      // bytes before it were not captured
  ack_lost_segment = 4,  // acknowledges bytes that were not captured
  keep_alive = 8,
  duplicate_ack = 16,
  zero_window = 32,
  zero_window_probe = 64,
  zero_window_probe_ack = 128,
  keep_alive_ack = 256,
  out_of_order = 512,
  fast_retransmission = 1024,
  window_update = 2048,
  window_full = 4096,
  reused_ports = 8192,
  spurious_retransmission = 16384,
  any_retransmission = retransmission | fast_retransmission | spurious_retransmission
};
}  // namespace found

// What the analysis says of one segment. Times in nanoseconds; frames are packet numbers, 0: none.
struct Analysis {
  u32 found = 0;
  u32 duplicate_number = 0;
  u64 duplicate_frame = 0;
  u64 acks_frame = 0;
  i64 ack_rtt = 0;
  u64 rto_frame = 0;
  i64 rto = 0;
  i64 initial_rtt = -1;
  u32 bytes_in_flight = 0;  // 0: not known
  u32 push_bytes_sent = 0;  // since the last PSH
  u8 completeness = 0;      // of the conversation before this segment
  bool kept = false;        // it shows the first round trip, whatever was found
};

// What is remembered of one direction. In the order of use: one line of the processor's cache, and
// half of the next.
struct Track {
  u32 next = 0;        // behind the highest byte sent
  u32 contiguous = 0;  // the highest byte that the peer may acknowledge without gaps
  i64 next_time = 0;   // when `next` was sent ...
  u64 next_frame = 0;  // ... and with which packet
  u32 last_ack = 0;
  // Of its newest acknowledgement: seen ones; or its packets are known to be missing, so that any
  // number may have been sent.
  static constexpr u32 missed = ~0U;
  u32 duplicates = 0;
  i64 last_time = 0;        // of its newest segment
  u64 fresh_ack_frame = 0;  // its first packet with the newest acknowledgement number
  u32 push_bytes = 0;
  u32 sacked = 0;  // bytes that the SACK blocks of its newest segment name
  u16 window = 0;  // as it stands in the header
  u16 last_found = 0;
  bool first_ack = true;  // it acknowledged nothing yet
  bool pushed = false;
  bool in_flight_known = true;
  Flight unacked;
};

// What is known when a segment comes.
struct Now {
  u64 frame;      // its packet's number
  i64 time;       // nanoseconds
  int scale;      // the shift of the receiver's window: -1 unknown, -2 none
  i64 first_rtt;  // as the handshake told it, nanoseconds; not above 0: unknown
  u32 base;       // the sender's first sequence number
};

// Of the two directions, `sender`'s is the segment's.
void analyse(Track& sender, Track& receiver, const Segment& segment, const Now& now,
             Analysis& analysis);

}  // namespace trama::flow
