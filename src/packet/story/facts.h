// What of a conversation a diagnosis is made from: counts, and the packets that prove them.
// Bounded.
#pragma once
#include <string>

#include "packet/flow/table.h"
#include "packet/flow/verdict.h"
#include "packet/story/rate.h"

namespace trama::story {

struct Tally {  // something that happened `count` times
  u64 count = 0;
  u64 frame = 0;  // the first packet of it ...
  u64 proof = 0;  // ... and what proves it; 0: nothing else

  void note(u64 number, u64 proved_by = 0) {
    if (count++ != 0) return;
    frame = number;
    proof = proved_by;
  }
};

// What the messages inside told that went wrong; the first of each kind.
struct Told {
  u64 frame = 0;     // 0: nothing
  u64 code = 0;      // an alert's description, an rcode, a status
  std::string text;  // the protocol's own word for it, or the name asked for
  bool by_client = false;
  u64 count = 0;
};

// Of segments with bytes that one end sent.
struct Sending {
  u64 segments = 0, bytes = 0;  // new ones, and their bytes
  Rate rate;
  u32 longest_passed = 0;             // bytes of the longest segment that was acknowledged
  u32 long_length = 0, long_end = 0;  // the longest one under way
  // The segment that was sent again most often and is not acknowledged yet.
  u64 stuck = 0, stuck_last = 0;  // its first packet, its newest one
  u32 stuck_seq = 0, stuck_length = 0;
  u64 stuck_times = 0;
};

struct Facts {
  Tally asked;  // SYNs, datagrams by the client, and nothing came back yet
  Tally again;  // bytes sent again because they were lost
  Tally fast, timeouts;
  i64 slowest = 0;  // the longest wait before bytes were sent again, ns
  u64 slowest_frame = 0, slowest_original = 0;
  std::array<u64, 8> newest_again{};  // the newest packets counted in `again`
  Tally in_vain, copies, reordered, unseen;
  u64 newest_in_vain = 0;
  Tally third_step;  // SYN ACKs sent again, and the ACK that did not reach their sender
  Tally full, probes, window_full;
  i64 full_since = -1, full_for = 0;  // how long windows were 0, ns
  Tally keep_alives, keep_alive_answers;
  Tally offload;
  Sending sending[2];                                  // by the client, by the server
  u64 reset = 0;                                       // the packet with the first RST
  u64 fins[2] = {0, 0};                                // by the client, by the server: packet
  wire::TcpState reset_client = wire::TcpState::none;  // the states before it
  wire::TcpState reset_server = wire::TcpState::none;
  bool reset_by_client = false;
  u64 syn_ack = 0;
  u64 icmp = 0;  // the packet with the first ICMP error
  u8 icmp_type = 0, icmp_code = 0;
  bool icmp_v6 = false;
  std::string icmp_reporter;
  Tally fragmented;  // datagrams that came in fragments
  Told alert, dns_question, dns_failure, http_failure;
  u64 dns_answers = 0;
};

// Adds a packet. `verdicts`: nullptr where nobody judged.
void note(Facts& facts, const flow::Step& step, const flow::Verdicts* verdicts, u64 number);
// Adds what the packet's messages told.
void note_messages(Facts& facts, const dissect::Tree& tree, u64 number, bool by_client);

}  // namespace trama::story
