// Which port is probed next, and when a probe counts as lost. Knows nothing of sockets: the scans
// send what next() names and tell what came back.
// Answers drive it: the time-out follows the measured round trip (RFC 6298's estimate), the window
// grows with answers and halves when a later try proves that an earlier one was lost, and silent
// ports are tried once more than the best try that was ever answered.
#pragma once
#include <chrono>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "scan/verdict.h"

namespace trama::scan {

struct Pace {
  unsigned window = 500;  // probes without an answer, at most
  unsigned start_window = 100;
  Clock::duration gap{0};  // between two probes, at least
  Clock::duration first_timeout = std::chrono::seconds{1};
  Clock::duration least_timeout = std::chrono::milliseconds{100};
  Clock::duration most_timeout = std::chrono::seconds{10};
  unsigned retries = 10;  // at most; without a proven loss one
  bool patient = true;    // waits for hosts that limit their ICMP errors
};

// nmap's -T0 to -T5, by the same numbers; 3 is the default.
Pace pace_of(unsigned timing);

// For this machine's own addresses: the kernel answers while the probe is sent, so only programs
// (and local packet filters) make anybody wait.
Pace local_pace();

class Schedule {
 public:
  struct Slot {
    u16 port = 0;
    u16 tries = 0;       // sent so far
    bool waits = false;  // for an answer to the last one
    bool done = false;
    Clock::time_point first, last;  // when the first and the last probe left
  };
  struct Expired {
    std::size_t slot;
    bool final;  // no more tries: silence is the verdict
  };

  Schedule(std::span<const u16> ports, const Pace& pace, bool shuffled);

  // The slot to probe now; nothing while the window is full or the gap not over.
  std::optional<std::size_t> next(Clock::time_point now);
  // The probe could not be sent now (no descriptors, full buffers): it comes again, uncounted.
  void give_back(std::size_t slot);
  void answered(std::size_t slot, Clock::time_point now);
  // Takes the probes whose time is over; those not final are queued again.
  void expire(Clock::time_point now, std::vector<Expired>& out);
  // The local resources allow no more than so many probes at once.
  void narrow(unsigned window) { limit_ = std::max(1U, std::min(limit_, window)); }

  [[nodiscard]] Clock::duration until_due(Clock::time_point now) const;
  [[nodiscard]] const Slot& slot(std::size_t i) const { return slots_[i]; }
  [[nodiscard]] std::optional<std::size_t> slot_of(u16 port) const;
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] std::size_t left() const { return left_; }  // ports without a verdict
  [[nodiscard]] unsigned in_flight() const { return in_flight_; }
  [[nodiscard]] Clock::duration timeout() const { return timeout_; }

 private:
  void land(Slot& slot);
  [[nodiscard]] unsigned allowed_tries() const;

  Pace pace_;
  std::vector<Slot> slots_;
  std::vector<u32> by_port_;  // slot + 1; 0 for none
  std::deque<std::size_t> pending_;
  struct Sent {
    std::size_t slot;
    u16 tries;
  };
  std::deque<Sent> sent_;  // oldest first; those answered since are passed over
  std::size_t left_;
  unsigned in_flight_ = 0;
  unsigned limit_;
  double window_;
  u16 best_try_ = 1;
  Clock::time_point may_send_{};
  Clock::duration timeout_, smooth_{0}, variation_{0};
};

}  // namespace trama::scan
