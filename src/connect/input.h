// Standard input as the loop reads it: without blocking, and without O_NONBLOCK on what the shell
// shares with other programs.
#pragma once
#include <vector>

#include "base/bytes.h"

namespace trama::connect {

// Read it when the loop says so: then a read does not block.
class Input {
 public:
  Input(int fd, bool crlf) : fd_(fd), crlf_(crlf) {}
  [[nodiscard]] int fd() const { return fd_; }

  // Replaces `into` by the next bytes, at most `most` before line ends grow. False at the end of
  // input; nothing and true where nothing is there yet.
  bool read(std::vector<u8>& into, std::size_t most);

 private:
  int fd_;
  bool crlf_;
  bool after_cr_ = false;  // the last byte was CR: an LF behind it stays as it is
  std::vector<u8> space_;
};

}  // namespace trama::connect
