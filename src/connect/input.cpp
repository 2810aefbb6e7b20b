#include "connect/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace trama::connect {

// How many bytes the first line has; keeps what stands behind it.
std::size_t Input::cut_line(Bytes bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), u8{'\n'});
  if (end == bytes.end()) return bytes.size();
  kept_.insert(kept_.begin(), end + 1, bytes.end());
  return static_cast<std::size_t>(end - bytes.begin()) + 1;
}

bool Input::read_up_to(std::vector<u8>& into, std::size_t most) {
  into.resize(most);
  std::size_t count = 0;
  const bool goes_on = read(std::span{into}, count);
  into.resize(count);
  return goes_on;
}

bool Input::read(std::span<u8> space, std::size_t& count) {
  // With CR LF a byte may become two: they are read into the back half, and grow from the front.
  const auto back = space.subspan(crlf_ ? space.size() / 2 : 0);
  if (kept_.empty()) {
    const ssize_t n = ::read(fd_, back.data(), back.size());
    count = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;  // EIO, EBADF: no input any more
  } else {
    count = std::min(kept_.size(), back.size());
    std::copy_n(kept_.begin(), count, back.begin());
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (lines_) count = cut_line(back.first(count));
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
