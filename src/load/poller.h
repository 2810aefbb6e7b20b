// Readiness for a load generator: epoll with waits in nanoseconds and a word of the caller's for
// each descriptor, and Ctrl-C. (net/loop.h waits in milliseconds, which is no clock for a rate.)
#pragma once
#include <sys/epoll.h>

#include <array>
#include <span>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::load {

class Poller {
 public:
  static Result<Poller> make();

  // `word` comes back in data.u64. 0, or the errno.
  int add(int fd, u32 events, u64 word);
  void change(int fd, u32 events, u64 word);
  void forget(int fd);

  // What is ready, after at most so many nanoseconds; 0 does not wait.
  std::span<const epoll_event> wait(i64 most);
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  Poller(Fd epoll, Fd signals) : epoll_(std::move(epoll)), signals_(std::move(signals)) {}
  Fd epoll_, signals_;
  std::array<epoll_event, 512> events_{};
  bool interrupted_ = false;
};

}  // namespace trama::load
