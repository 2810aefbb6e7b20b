// How many bytes one peer may send: so many a second on average, and one second's worth at once.
#pragma once
#include <algorithm>
#include <chrono>

#include "base/bytes.h"

namespace trama::serve {

class Allowance {
 public:
  using Clock = std::chrono::steady_clock;

  Allowance(u64 bytes_a_second, Clock::time_point now)
      : rate_(static_cast<double>(bytes_a_second)), left_(rate_), filled_(now) {}

  // What may come now; 0 while less than a step is there, so that nobody reads byte by byte.
  u64 now(Clock::time_point now) {
    const std::chrono::duration<double> since = now - filled_;
    left_ = std::min(rate_, left_ + rate_ * since.count());
    filled_ = now;
    return left_ < step() ? 0 : static_cast<u64>(left_);
  }
  void take(u64 bytes) { left_ -= static_cast<double>(bytes); }
  [[nodiscard]] bool is_full() const { return left_ >= rate_; }
  // How long until a step is there.
  [[nodiscard]] std::chrono::nanoseconds wait() const {
    const double missing = std::max(0.0, step() - left_) / rate_;  // seconds
    return std::chrono::nanoseconds{static_cast<long long>(missing * 1e9) + 1};
  }

 private:
  // A twentieth of a second's worth, one byte at least.
  [[nodiscard]] double step() const { return std::max(1.0, std::min(rate_ / 20, 65536.0)); }
  double rate_, left_;
  Clock::time_point filled_;
};

}  // namespace trama::serve
