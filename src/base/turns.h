// Parts of a work that threads do in any order, where some steps must happen in the order of the
// parts' numbers: 0, 1, 2, ... Every part must be finished once, whoever waits or not.
#pragma once
#include <condition_variable>
#include <mutex>
#include <set>

#include "base/bytes.h"

namespace trama {

class Turns {
 public:
  // Until all parts before this one are finished.
  void wait(u64 number) {
    std::unique_lock lock{guard_};
    moved_.wait(lock, [&] { return next_ == number; });
  }

  // Does not wait: parts may be finished in any order.
  void finish(u64 number) {
    {
      const std::lock_guard lock{guard_};
      finished_.insert(number);
      while (finished_.erase(next_) > 0) ++next_;
    }
    moved_.notify_all();
  }

 private:
  std::mutex guard_;
  std::condition_variable moved_;
  u64 next_ = 0;            // all before it are finished
  std::set<u64> finished_;  // of those behind it; never more than there are threads
};

}  // namespace trama
