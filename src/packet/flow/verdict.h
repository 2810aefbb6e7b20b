// What caused a TCP packet to be as it is, judged from evidence, beside tshark's tcp.analysis,
// whose marks are heuristics. A verdict stands on the packet that proves it: that a retransmission
// was in vain stands on the ACK that tells so, which may come later.
#pragma once
#include <array>
#include <string_view>

#include "packet/dissect/tree.h"

namespace trama::flow {

enum class Cause : u8 {
  none,
  duplicate_capture,        // the same packet again: copied by the capture, or on the way
  duplicated_on_the_way,    // the receiver told (DSACK) that such a copy reached it
  fast_retransmission,      // duplicate or selective ACKs told the sender of the loss
  timeout_retransmission,   // nothing told it: its timer ran out (RFC 6298)
  tail_loss_probe,          // its timer ran out early, and it sent the last segment (RFC 8985)
  spurious_retransmission,  // in vain: the receiver had the bytes
  reordering,               // overtaken on the way, not lost
  loss,                     // lost before the capture saw it; this is it sent again
  not_captured,             // the receiver has bytes that the capture does not
  missing_bytes,            // bytes before it were not seen; why, a later packet may prove
  waits_for_bytes,          // a duplicate ACK: something before what arrived is missing
  nothing_missing,          // a duplicate ACK, but of all that was sent: it only repeats itself
  simultaneous_open,        // both ends asked at once: the second SYN repeats none
  fast_open_refused,        // its bytes went with the SYN, which alone was accepted (RFC 7413)
  keep_alive,
  keep_alive_answer,
  zero_window_probe,
  probe_answer,
  receiver_full,   // its window is 0: its program does not read
  receiver_reads,  // ... and does so again
  window_full,     // takes the last room that the receiver told
  window_update,
  port_reuse,
  offload,           // larger than the receiver takes: cut or merged by a network card
  partial_checksum,  // to be finished by a network card: the capture came before it
};

// "fast retransmission": the value of trama.verdict; not translated.
std::string_view word_of(Cause cause);

struct Verdict {
  Cause cause = Cause::none;
  u8 count = 0;
  i64 waited = 0;  // of bytes sent again: nanoseconds since they were sent before; 0: not known
  std::array<u64, 3> frames{};  // `count` packets that prove it, the most telling first

  // Adds a packet to the proof, if it is one.
  void prove(u64 frame) {
    if (frame != 0 && count < frames.size()) frames[count++] = frame;
  }
};

// Those of one packet.
struct Verdicts {
  std::array<Verdict, 4> all{};
  u8 count = 0;

  void add(const Verdict& verdict) {
    if (verdict.cause != Cause::none && count < all.size()) all[count++] = verdict;
  }
  [[nodiscard]] const Verdict* begin() const { return all.data(); }
  [[nodiscard]] const Verdict* end() const { return all.data() + count; }
  // nullptr where there is none of this cause.
  [[nodiscard]] const Verdict* of(Cause cause) const {
    for (const Verdict& verdict : *this)
      if (verdict.cause == cause) return &verdict;
    return nullptr;
  }
};

// Adds trama.verdict and trama.verdict.frame to the packet's tree.
void annotate(dissect::Tree& tree, const Verdicts& verdicts);

}  // namespace trama::flow
