// Standard input's way to a socket within the kernel, where nobody here looks at the bytes: a
// file's by sendfile(2), a pipe's by splice(2).
#pragma once
#include <sys/types.h>

#include "base/bytes.h"

namespace trama::connect {

class Shortcut {
 public:
  explicit Shortcut(int from);  // the descriptor stays the caller's
  // There is such a way; otherwise the bytes are to be read and sent.
  [[nodiscard]] bool is_open() const { return kind_ != Kind::none; }
  void close() { kind_ = Kind::none; }

  // Moves what goes without waiting: how many bytes; 0 at the end of input; -1 and errno. EAGAIN:
  // the input has nothing, or the socket takes nothing. EINVAL: it is no way for these two, and
  // closed from now on.
  ssize_t move(int socket);
  [[nodiscard]] u64 waiting() const;  // bytes that the input has now

 private:
  enum class Kind { none, file, pipe };
  int from_;
  Kind kind_ = Kind::none;
};

}  // namespace trama::connect
