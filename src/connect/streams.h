// Standard input and output without blocking, and without O_NONBLOCK on what the shell shares with
// other programs: the flag belongs to the open file, which is theirs too.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"

namespace trama::connect {

// Standard input. Read it when the loop says so: then a read does not block.
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

// Standard output.
class Output {
 public:
  explicit Output(int fd);
  [[nodiscard]] int fd() const { return own_.is_open() ? own_.get() : fd_; }

  // How many bytes were taken, perhaps 0: then wait until fd() is writable.
  std::size_t write(Bytes bytes);
  [[nodiscard]] int error() const { return error_; }  // errno, EPIPE where the reader left; else 0

 private:
  enum class Kind { plain, socket, pipe };
  int fd_;
  Fd own_;  // the same pipe or terminal, opened anew with a flag of our own
  Kind kind_ = Kind::plain;
  int error_ = 0;
};

}  // namespace trama::connect
