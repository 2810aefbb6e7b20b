// What verdicts remember of one conversation: the newest segments of both directions, the holes
// between them, what the other end acknowledged. Bounded.
#pragma once
#include <array>
#include <vector>

#include "packet/flow/conversation.h"
#include "packet/flow/traces.h"
#include "packet/flow/verdict.h"

namespace trama::flow {

// One transmission of bytes, SYN or FIN.
struct Sent {
  u64 frame = 0;
  i64 time = no_time;
  u32 seq = 0, end = 0;
  u32 clock = 0;
  u16 id = 0;
  bool stamped = false;
  bool again = false;     // of bytes sent before
  bool crossing = false;  // of a simultaneous open
  u64 original = 0;       // ... with this packet
  u64 copy = 0;           // the newest copy of this packet
  u64 sacked = 0;         // the first ACK whose SACK blocks hold it
};

// The newest transmissions of one direction. It grows while it is used, up to `most`.
class Ring {
 public:
  static constexpr std::size_t most = 1024, few = 32;

  // `held` counts all rings' places; beyond `most_held` rings grow no further than `few`.
  void put(const Sent& sent, std::size_t& held);
  // The newest one that overlaps [seq, end); nullptr where none is remembered.
  [[nodiscard]] Sent* newest(u32 seq, u32 end);
  template <class Visit>
  void each(Visit&& visit) {
    for (Sent& sent : places_) visit(sent);
  }
  [[nodiscard]] std::size_t places() const { return places_.capacity(); }

 private:
  static constexpr std::size_t most_held = 500'000;
  std::vector<Sent> places_;
  std::size_t next_ = 0;  // the oldest one, once it is full
};

// Bytes that were skipped: a later segment came before them.
struct Hole {
  u32 from = 0, to = 0;
  Sent overtaker;  // the one that came instead: it made the hole
  u64 acked = 0;   // the packet by which the receiver said that it has them
};

struct Way {  // one direction
  // The hole that [seq, end) falls into; nullptr where there is none.
  [[nodiscard]] Hole* hole_at(u32 seq, u32 end);
  // `sent` came, and what is before it did not.
  void open_hole(const Sent& sent);
  void fill_holes(u32 seq, u32 end);

  bool any = false;
  u32 next = 0;  // behind the highest byte sent
  u64 top = 0;   // the packet that brought it
  Ring ring;
  std::array<Hole, 8> holes{};
  u8 hole_count = 0;
  u64 syn = 0;             // the packet with its SYN
  u16 last_id = 0;         // of its newest packet ...
  bool same_ids = false;   // ... and of the one before: ids tell nothing
  bool keeps_ids = false;  // it sent a packet again with the id that it had
  bool partial = true;     // all its checksums so far are the pseudo header's

  // Its packets as they came, to know a copy by.
  struct Print {
    u64 frame = 0;
    i64 time = no_time;
    u32 seq = 0, ack = 0, print = 0, clock = 0;
    u16 id = 0;
  };
  std::array<Print, 32> prints{};
  u8 next_print = 0;

  // What it says about the other direction.
  bool acks = false;
  u32 acked = 0;
  u64 acked_frame = 0;   // the first packet that acknowledged so much
  i64 heard = no_time;   // its newest ACK
  unsigned repeats = 0;  // of that acknowledgement
  u64 repeat_frame = 0;  // the newest of them
  u64 full_frame = 0;    // the first packet of its newest window 0
  u64 room_frame = 0;    // its newest packet that told a window

  // While it sends again: why it began to, until what was sent by then is acknowledged.
  Cause recovery = Cause::none;
  u32 recovery_end = 0;
  u64 recovery_frame = 0;
  // Its first packet of bytes sent again that is not acknowledged: it may be in vain (Eifel).
  struct Doubt {
    u64 frame = 0, original = 0;
    u32 end = 0, clock = 0;
  } doubt;
  u64 probe = 0;  // its newest keep-alive or window probe
};

struct Trail final : Memory {
  explicit Trail(std::size_t& held) : held_(held) {}
  ~Trail() override {
    for (const Way& way : ways) held_ -= way.ring.places();
  }
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;

  std::array<Way, 2> ways;

 private:
  std::size_t& held_;
};

}  // namespace trama::flow
