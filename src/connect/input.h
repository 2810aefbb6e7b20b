// Standard input as the loop reads it: without blocking, and without O_NONBLOCK on what the shell
// shares with other programs.
#pragma once
#include <span>

#include "base/bytes.h"

namespace trama::connect {

// Read it when the loop says so: then a read does not block.
class Input {
 public:
  Input(int fd, bool crlf) : fd_(fd), crlf_(crlf) {}
  [[nodiscard]] int fd() const { return fd_; }

  // Puts the next bytes into `space` (two bytes at least), and their number into `count`. False at
  // the end of input; 0 and true where nothing is there yet.
  bool read(std::span<u8> space, std::size_t& count);

 private:
  int fd_;
  bool crlf_;
  bool after_cr_ = false;  // the last byte was CR: an LF behind it stays as it is
};

}  // namespace trama::connect
