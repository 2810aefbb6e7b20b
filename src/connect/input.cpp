#include "connect/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trama::connect {

bool Input::read(std::span<u8> space, std::size_t& count) {
  // With CR LF a byte may become two: they are read into the back half, and grow from the front.
  const auto back = space.subspan(crlf_ ? space.size() / 2 : 0);
  const ssize_t n = ::read(fd_, back.data(), back.size());
  count = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
  if (n == 0) return false;
  if (n < 0) return errno == EAGAIN || errno == EINTR;  // EIO, EBADF: no input any more
  if (!crlf_) return true;
  std::size_t to = 0;
  for (const u8 byte : back.first(count)) {
    if (byte == '\n' && !after_cr_) space[to++] = '\r';
    space[to++] = byte;
    after_cr_ = byte == '\r';
  }
  count = to;
  return true;
}

}  // namespace trama::connect
