// Puts the segments of one TCP connection back in order, as "follow" shows them: what was sent
// again is left out, what came early waits, and what the capture missed is told once the receiver
// acknowledged what stands behind it. What waits is bounded.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "packet/source/packet.h"

namespace trama::stats {

// Which packet brought some bytes, and when.
struct Stamp {
  u64 packet = 0;      // its number, from 1
  i64 time = no_time;  // nanoseconds since 1970
};

class Assembly {
 public:
  // Called with each new piece of the stream, in order; `side` as given to add().
  using Take = std::function<void(unsigned side, std::string_view bytes, const Stamp& stamp)>;
  explicit Assembly(Take take) : take_(std::move(take)) {}

  struct Segment {
    unsigned side = 0;       // who sent it: 0 or 1
    u32 seq = 0, ack = 0;    // counted from the connection's start
    u32 length = 0;          // payload on the wire
    std::string_view bytes;  // as far as captured
    Stamp stamp = {};
    bool syn = false;  // takes a number of its own, before its bytes
  };
  void add(const Segment& segment);

 private:
  struct Piece {
    u32 seq;
    std::string bytes;
    Stamp stamp;
  };
  struct Side {
    bool started = false;
    u32 next = 0;              // sequence number expected
    std::vector<Piece> early;  // beyond it, in order of arrival
    std::size_t waiting = 0;   // their bytes
  };

  bool fit(unsigned side);
  bool skip_gap(unsigned side, u32 acknowledged, const Stamp& stamp);

  Take take_;
  Side sides_[2];
};

}  // namespace trama::stats
