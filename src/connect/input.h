// Standard input as the loop reads it: without blocking, and without O_NONBLOCK on what the shell
// shares with other programs.
#pragma once
#include <vector>

#include "base/bytes.h"

namespace trama::connect {

// Read it when the loop says so: then a read does not block.
class Input {
 public:
  // `lines`: a line at a time, as far as one read brought it.
  Input(int fd, bool crlf, bool lines = false) : fd_(fd), crlf_(crlf), lines_(lines) {}
  [[nodiscard]] int fd() const { return fd_; }

  // Replaces `into` by the next bytes, at most `most` before line ends grow. False at the end of
  // input; nothing and true where nothing is there yet.
  bool read(std::vector<u8>& into, std::size_t most);
  // The next line was read already: read() gives it, whatever the descriptor has.
  [[nodiscard]] bool has_more() const { return !kept_.empty(); }

 private:
  void cut_line(std::vector<u8>& into);
  int fd_;
  bool crlf_, lines_;
  bool after_cr_ = false;  // the last byte was CR: an LF behind it stays as it is
  std::vector<u8> space_, kept_;
};

}  // namespace trama::connect
