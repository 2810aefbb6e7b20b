// When messages are due: at times fixed before the first one, so that a server that stands still
// does not slow down what it is asked (coordinated omission).
#pragma once
#include <algorithm>
#include <chrono>

#include "base/bytes.h"

namespace trama::load {

inline i64 now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

class Pace {
 public:
  // From `start` for `duration` (nanoseconds), `rate` messages a second, of which `senders` take
  // turns. A rate of 0: every message is due at once.
  Pace(i64 start, i64 duration, u64 rate, u32 senders)
      : start_(start), end_(start + duration), rate_(rate), senders_(senders) {}

  [[nodiscard]] bool is_open_loop() const { return rate_ != 0; }
  [[nodiscard]] i64 end() const { return end_; }
  // Of all messages, in the order of their times.
  [[nodiscard]] i64 time_of(u64 message) const {
    return start_ +
           static_cast<i64>(static_cast<double>(message) * 1e9 / static_cast<double>(rate_));
  }
  // The n-th of one sender.
  [[nodiscard]] i64 time_of(u64 n, u32 sender) const { return time_of(n * senders_ + sender); }
  // How many are due by then.
  [[nodiscard]] u64 due(i64 time) const {
    const auto passed = static_cast<double>(std::min(time, end_ - 1) - start_);
    return passed < 0 ? 0 : static_cast<u64>(passed * static_cast<double>(rate_) / 1e9) + 1;
  }

 private:
  i64 start_, end_;
  u64 rate_;
  u32 senders_;
};

}  // namespace trama::load
