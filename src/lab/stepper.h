// --step: each Enter on standard input lets one frame through. From a pipe a line is read only
// when a frame waits, so that lines typed ahead count; at a terminal they do not. At the end of the
// input the wire goes on by itself.
#pragma once
#include "lab/wire.h"

namespace trama::lab {

class Stepper {
 public:
  Stepper(net::Loop& loop, Wire& wire);
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;
  ~Stepper();

  void frame_waits();

 private:
  void listen();
  void deafen();
  void on_input();
  void end();

  net::Loop& loop_;
  Wire& wire_;
  bool terminal_;
  bool listening_ = false, over_ = false;
  net::Loop::Timer timer_ = 0;
};

}  // namespace trama::lab
