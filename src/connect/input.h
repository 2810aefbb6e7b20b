// Standard input as the loop reads it: without blocking, and without O_NONBLOCK on what the shell
// shares with other programs.
#pragma once
#include <span>
#include <vector>

#include "base/bytes.h"

namespace trama::connect {

// Read it when the loop says so: then a read does not block.
class Input {
 public:
  // `lines`: a line at a time, as far as one read brought it.
  Input(int fd, bool crlf, bool lines = false) : fd_(fd), crlf_(crlf), lines_(lines) {}
  [[nodiscard]] int fd() const { return fd_; }

  // Puts the next bytes into `space` (two bytes at least), and their number into `count`. False at
  // the end of input, or where it cannot be read (error()); 0 and true where nothing is there yet.
  bool read(std::span<u8> space, std::size_t& count);
  // The same, for at most `most` bytes, line ends included.
  bool read_up_to(std::vector<u8>& into, std::size_t most);
  [[nodiscard]] int error() const { return error_; }  // errno; 0 for a real end
  // The next line was read already: read() gives it, whatever the descriptor has.
  [[nodiscard]] bool has_more() const { return !kept_.empty(); }

 private:
  std::size_t cut_line(Bytes bytes);
  int fd_;
  bool crlf_, lines_;
  int error_ = 0;
  bool after_cr_ = false;  // the last byte was CR: an LF behind it stays as it is
  std::vector<u8> kept_;   // behind the line that was given
};

// Whether a descriptor has nothing more to read, ever; it is not read.
[[nodiscard]] bool has_ended(int fd);

}  // namespace trama::connect
