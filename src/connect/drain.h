// A socket's way to standard output within the kernel, where nobody here looks at the bytes: by
// splice(2) into a pipe of our own, and out of that into a file, a pipe or /dev/null.
#pragma once
#include <sys/types.h>

#include <span>

#include "base/bytes.h"
#include "base/fd.h"

namespace trama::connect {

class Drain {
 public:
  explicit Drain(int to);  // the descriptor stays the caller's
  // There is such a way; otherwise the bytes are to be received and written.
  [[nodiscard]] bool is_open() const { return open_; }
  // Takes nothing more; what waits is the caller's to read() and write.
  void close() { open_ = false; }
  [[nodiscard]] u64 waiting() const { return waiting_; }  // bytes taken, not given yet

  // Takes what the socket has: how many bytes; 0 at its end; -1 and errno. EAGAIN: it has nothing.
  // EINVAL: it is no way for this socket, and closed from now on.
  ssize_t take(int socket);
  // Gives what waits: how many bytes went; -1 and errno. EAGAIN: the output takes nothing now.
  // EINVAL: it is no way for this output, and closed from now on.
  ssize_t give();
  ssize_t read(std::span<u8> space);

 private:
  ssize_t outcome(ssize_t n);
  int to_;
  Fd in_, out_;  // the pipe's ends
  bool open_ = false;
  u64 waiting_ = 0;
};

}  // namespace trama::connect
