#include "connect/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace trama::connect {

bool Input::read(std::vector<u8>& into, std::size_t most) {
  into.resize(most);
  const ssize_t n = ::read(fd_, into.data(), most);
  into.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n == 0) return false;
  if (n < 0) return errno == EAGAIN || errno == EINTR;  // EIO, EBADF: no input any more
  if (!crlf_) return true;
  space_.clear();
  for (const u8 byte : into) {
    if (byte == '\n' && !after_cr_) space_.push_back('\r');
    space_.push_back(byte);
    after_cr_ = byte == '\r';
  }
  into.swap(space_);
  return true;
}

}  // namespace trama::connect
