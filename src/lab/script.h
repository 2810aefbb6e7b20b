// The client that the lab brings along: one message over TCP, its answer, close; then the same
// over UDP. Each step is a program whose input the script writes and closes.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "lab/programs.h"

namespace trama::lab {

struct Step {
  Plan plan;
  std::string message;  // typed at once; empty: the program is left alone
};

class Script {
 public:
  // A step's input is closed once as many bytes came back as were sent, or once nothing came for
  // `patience` while the wire was empty (`is_quiet`), as after a lost datagram.
  Script(net::Loop& loop, Programs& programs, std::vector<Step> steps,
         net::Loop::Clock::duration patience, std::function<bool()> is_quiet)
      : loop_(loop),
        programs_(programs),
        steps_(std::move(steps)),
        patience_(patience),
        is_quiet_(std::move(is_quiet)) {}
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() { loop_.cancel(timer_); }

  Result<void> begin() { return next(); }
  void on_output(u32 id, std::size_t bytes);
  // Starts the next step where the one that ended was the script's.
  Result<void> on_ended(u32 id, int status);
  [[nodiscard]] bool is_done() const { return done_ == steps_.size(); }
  [[nodiscard]] int status() const { return status_; }  // of the last step that failed, or 0

 private:
  Result<void> next();
  void wait_for_answer();

  net::Loop& loop_;
  Programs& programs_;
  std::vector<Step> steps_;
  net::Loop::Clock::duration patience_;
  std::function<bool()> is_quiet_;
  std::size_t done_ = 0;
  u32 current_ = 0;
  std::size_t answered_ = 0;
  net::Loop::Timer timer_ = 0;
  int status_ = 0;
};

}  // namespace trama::lab
