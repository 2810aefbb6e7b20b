// One thread's event loop: readiness of descriptors (epoll), timers, signals. Engines register
// what they wait for and run(); nothing here blocks but the one wait. Not thread-safe: a loop
// belongs to the thread that runs it.
#pragma once
#include <sys/epoll.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::net {

class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using Ready = std::function<void(u32 events)>;  // EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP
  using Timer = u64;                              // names a timer; never reused

  static Result<std::unique_ptr<Loop>> make();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // Calls `ready` whenever one of `events` holds (level-triggered). One callback a descriptor.
  // EPOLLERR and EPOLLHUP are told even unasked, again and again until the watch ends.
  // Fails with EPERM for regular files, which are always ready.
  Result<void> watch(int fd, u32 events, Ready ready);
  // Other events for a watched descriptor; 0 keeps only errors and hang-ups.
  void change(int fd, u32 events);
  // Ends the watch. Call before closing the descriptor; safe inside any callback, its own too.
  void forget(int fd);

  Timer after(Clock::duration delay, std::function<void()> call);
  void cancel(Timer timer);  // one that has fired or was cancelled is passed over

  // Blocks the signals, for this thread and the programs it starts, and calls `call` with each that
  // arrives. At most once a loop.
  Result<void> on_signals(std::initializer_list<int> signals, std::function<void(int)> call);

  void run();  // until stop(), or until nothing but signals is watched and no timer waits
  void stop() { running_ = false; }
  // One wait of at most `most` and its callbacks; for callers with a loop of their own.
  void run_once(Clock::duration most);

 private:
  explicit Loop(Fd epoll) : epoll_(std::move(epoll)) {}

  struct Watch {
    Ready ready;
    u32 generation;  // tells this watch from an earlier one of the same descriptor
  };
  struct Due {
    Clock::time_point at;
    Timer id;
    bool operator>(const Due& other) const {
      return at > other.at || (at == other.at && id > other.id);
    }
  };
  void fire_timers();
  [[nodiscard]] int wait_ms(Clock::duration most) const;

  Fd epoll_, signals_;
  std::vector<std::unique_ptr<Watch>> watches_;  // by descriptor
  std::vector<std::unique_ptr<Watch>> ended_;    // forgotten while callbacks run
  unsigned watched_ = 0;
  u32 generation_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<std::pair<Timer, std::function<void()>>> calls_;  // sorted by id, as ids only grow
  Timer next_timer_ = 1;
  bool running_ = false;
};

}  // namespace trama::net
