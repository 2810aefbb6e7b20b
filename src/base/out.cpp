#include "base/out.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace trama {

void Out::write(std::string_view text) {
  buffer_.append(text);
  if (buffer_.size() >= full) flush();
}

bool Out::flush() {
  if (fd_ < 0) return true;
  std::string_view left = buffer_;
  while (is_open() && !left.empty()) {
    const ssize_t n = ::write(fd_, left.data(), left.size());
    if (n >= 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // somebody made the terminal non-blocking: wait for room
      pollfd room{fd_, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno == EPIPE) {
      left_ = true;
    } else if (errno != EINTR) {
      failed_ = errno;
    }
  }
  buffer_.clear();
  return is_open();
}

}  // namespace trama
