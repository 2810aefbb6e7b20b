#include "lab/script.h"

namespace trama::lab {

Result<void> Script::next() {
  if (is_done()) return {};
  const Step& step = steps_[done_];
  const auto started = programs_.start(step.plan);
  if (!started) return fail(started);
  current_ = *started;
  answered_ = 0;
  if (step.message.empty()) return {};
  programs_.type(current_, step.message);
  wait_for_answer();
  return {};
}

void Script::wait_for_answer() {
  timer_ = loop_.after(patience_, [this] {
    if (is_quiet_())
      programs_.close_input(current_);
    else
      wait_for_answer();
  });
}

void Script::on_output(u32 id, std::size_t bytes) {
  if (id != current_ || is_done() || steps_[done_].message.empty()) return;
  answered_ += bytes;
  if (answered_ < steps_[done_].message.size()) return;
  loop_.cancel(timer_);
  programs_.close_input(current_);
}

Result<void> Script::on_ended(u32 id, int status) {
  if (id != current_ || is_done()) return {};
  loop_.cancel(timer_);
  if (status != 0) status_ = status;
  ++done_;
  current_ = 0;
  return next();
}

}  // namespace trama::lab
