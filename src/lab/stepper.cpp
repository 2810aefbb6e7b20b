#include "lab/stepper.h"

#include <unistd.h>

#include <cerrno>

namespace trama::lab {

Stepper::Stepper(net::Loop& loop, Wire& wire)
    : loop_(loop), wire_(wire), terminal_(isatty(0) == 1) {
  if (terminal_) listen();
}

Stepper::~Stepper() {
  loop_.cancel(timer_);
  deafen();
}

void Stepper::frame_waits() {
  if (over_ || listening_ || timer_ != 0) return;
  // Not at once: the frame is told before it joins the queue.
  timer_ = loop_.after({}, [this] {
    timer_ = 0;
    if (!over_ && wire_.waiting() != 0) listen();
  });
}

void Stepper::listen() {
  if (listening_) return;
  if (loop_.watch(0, EPOLLIN, [this](u32) { on_input(); }))
    listening_ = true;
  else
    end();  // a file or /dev/null: nobody presses Enter
}

void Stepper::deafen() {
  if (listening_) loop_.forget(0);
  listening_ = false;
}

void Stepper::on_input() {
  char letter = 0;  // one by one: what follows is another frame's
  const ssize_t n = read(0, &letter, 1);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) return end();
  if (letter != '\n') return;
  wire_.pass_next();
  if (!terminal_ && wire_.waiting() == 0) deafen();
}

void Stepper::end() {
  over_ = true;
  deafen();
  wire_.pass_freely();
}

}  // namespace trama::lab
