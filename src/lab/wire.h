// The wire between the two hosts: it takes each frame that one host sends and hands it to the
// other when it is due. Frames travel in a pipeline, each due at its arrival plus the delay; none
// holds another, and nothing here blocks. What happens to a frame is a Fate, so that a wire which
// duplicates, reorders, cuts or pauses is another rule here and nothing else.
#pragma once
#include <chrono>
#include <map>
#include <random>

#include "base/fd.h"
#include "lab/frame.h"
#include "net/loop.h"

namespace trama::lab {

struct WireRules {
  net::Loop::Clock::duration delay{};
  double loss = 0;    // of all frames, 0 to 1
  u64 seed = 1;       // the same seed loses the same frames of each direction
  bool step = false;  // a frame waits until pass_next(), however long its delay
  std::size_t most_frames = 4096;
  std::size_t most_bytes = std::size_t{16} * 1024 * 1024;
};

// Told about every frame, in this order. Both may fill in the frame's `sender` and `receiver`.
struct WireWatcher {
  virtual void on_caught(Frame& frame) = 0;
  virtual void before_delivery(Frame& frame) = 0;
  virtual void on_fate(Frame& frame) = 0;  // delivered, or gone for the reason that `fate` says
  WireWatcher() = default;
  WireWatcher(const WireWatcher&) = delete;
  WireWatcher& operator=(const WireWatcher&) = delete;

 protected:
  ~WireWatcher() = default;
};

class Wire {
 public:
  // Packet sockets bound to the wire's two ends, non-blocking, deaf to what they send themselves.
  Wire(net::Loop& loop, Fd client_side, Fd server_side, const WireRules& rules,
       WireWatcher& watcher);
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire();

  Result<void> open();

  // --step: lets the oldest frame through; false where none waits.
  bool pass_next();
  // --step is over: what waits goes at once, what comes goes by the delay.
  void pass_freely();

  // Frames that are caught and have no fate yet.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // Frames by fate; `waiting` counts all that were caught.
  [[nodiscard]] u64 count(Fate fate) const { return counts_[static_cast<u8>(fate)]; }
  // Frames that the kernel dropped before the wire could take them.
  u64 overrun();

 private:
  using Clock = net::Loop::Clock;
  struct Slot {
    Clock::time_point due;
    u64 id;
    bool operator<(const Slot& other) const {
      return due < other.due || (due == other.due && id < other.id);
    }
  };
  struct OnItsWay {
    Frame frame;
    bool doomed;  // never arrives; it takes its time all the same, so that fates come in order
  };
  void take(Host from);
  void catch_frame(Frame frame);
  void deliver(OnItsWay passing);
  void end(Frame& frame, Fate fate);
  void deliver_due();
  void arm();

  net::Loop& loop_;
  Fd sides_[2];
  WireRules rules_;
  WireWatcher& watcher_;
  std::mt19937_64 luck_[2];  // one a direction: their mixture in time must not change either
  std::map<Slot, OnItsWay> waiting_;
  std::size_t bytes_ = 0;
  u64 next_id_ = 1;
  u64 counts_[5] = {};
  u64 overrun_ = 0;
  net::Loop::Timer timer_ = 0;
  Clock::time_point armed_for_{};
  std::vector<u8> buffer_;
  bool open_ = false;
};

}  // namespace trama::lab
