#include "connect/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace trama::connect {

// Keeps what stands behind the first line.
void Input::cut_line(std::vector<u8>& into) {
  const auto end = std::find(into.begin(), into.end(), '\n');
  if (end == into.end() || end + 1 == into.end()) return;
  kept_.assign(end + 1, into.end());
  into.erase(end + 1, into.end());
}

bool Input::read(std::vector<u8>& into, std::size_t most) {
  if (!kept_.empty()) {
    into = std::exchange(kept_, {});
  } else {
    into.resize(most);
    const ssize_t n = ::read(fd_, into.data(), most);
    into.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;  // EIO, EBADF: no input any more
  }
  if (lines_) cut_line(into);
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
