// What a running scan and its caller share: where the scan is, and that it should end.
#pragma once
#include <functional>
#include <optional>

#include "net/loop.h"
#include "scan/verdict.h"

namespace trama::scan {

struct Control {
  net::Loop& loop;
  bool stop = false;                            // set by a signal: engines return what they have
  std::optional<Clock::time_point> deadline{};  // --host-timeout
  std::size_t total = 0, done = 0, open = 0;    // ports, of all hosts and both transports
  std::function<void()> tick{};                 // called a few times a second, to show progress

  [[nodiscard]] bool is_over() const { return stop || (deadline && Clock::now() >= *deadline); }
  void count(const Verdict& verdict) {
    ++done;
    if (verdict.state == PortState::open) ++open;
  }
  // Waits for events at most so long, runs their handlers, and shows progress.
  void pause(Clock::duration most) {
    loop.run_once(most);
    if (tick) tick();
  }
};

}  // namespace trama::scan
