// What came of a load.
#pragma once
#include "base/bytes.h"
#include "load/histogram.h"
#include "load/plan.h"

namespace trama::load {

struct Report {
  u64 opened = 0;    // connections
  i64 opening = 0;   // nanoseconds that this took
  i64 time = 0;      // nanoseconds from the first message to the last answer, or the end
  u64 sent = 0;      // messages
  u64 answered = 0;  // messages; Expect::room: those that readers got
  u64 bytes_out = 0, bytes_in = 0;
  // From its time (open loop) or its sending to the answer's last byte; and from the sending.
  Histogram latency, service;

  u64 unsent = 0;      // open loop: due, and never sent, as too many were under way
  u64 unanswered = 0;  // sent, and no answer came in time; UDP: lost
  u64 late = 0;        // UDP: answers to none that is awaited: lost before, or answered twice
  u64 wrong = 0;       // answers
  u64 refused = 0, reset = 0, closed = 0, timed_out = 0, failed = 0;  // connections
  int error = 0;         // the errno of the first that failed otherwise
  double processor = 0;  // seconds of processor time that the load itself took
  bool interrupted = false;

  // Files a connection's end under its reason.
  void count_error(int number);
  // Everything went as the plan expects; UDP may lose some.
  [[nodiscard]] bool is_good(const Plan& plan) const;
};

}  // namespace trama::load
