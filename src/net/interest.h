// What one descriptor is waited for in a loop. Unlike a bare watch it never spins: while nothing is
// wanted the descriptor is out of the loop, so that a hang-up is not told again and again; and what
// epoll does not take (regular files, /dev/null) counts as always ready.
#pragma once
#include <functional>
#include <optional>

#include "net/loop.h"

namespace trama::net {

class Interest {
 public:
  // `ready` gets the events that hold; the descriptor stays the caller's.
  Interest(Loop& loop, int fd, Loop::Ready ready)
      : loop_(loop), fd_(fd), ready_(std::move(ready)) {}
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;
  ~Interest();

  void want(u32 events);  // EPOLLIN, EPOLLOUT, both, or 0 for nothing, errors included

 private:
  void call_soon();
  Loop& loop_;
  int fd_;
  Loop::Ready ready_;
  u32 wanted_ = 0;
  bool always_ready_ = false;
  std::optional<Loop::Timer> soon_;
};

}  // namespace trama::net
