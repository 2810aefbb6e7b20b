#include "connect/input.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace trama::connect {
namespace {

bool is_null(const struct stat& about) {
  return S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3);
}

// The terminal has gone; or standard input was closed, and /dev/null keeps its place, which cannot
// be read (net::hold_standard_descriptors).
bool is_end(int error, int fd) {
  struct stat about {};
  return error == EIO ? isatty(fd) == 1
                      : error == EBADF && fstat(fd, &about) == 0 && is_null(about);
}

}  // namespace

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
    if (n < 0) {
      const int error = errno;
      if (error == EAGAIN || error == EINTR) return true;
      if (!is_end(error, fd_)) error_ = error;
      return false;
    }
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

bool has_ended(int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0 || S_ISDIR(about.st_mode)) return true;
  if (S_ISREG(about.st_mode)) return lseek(fd, 0, SEEK_CUR) >= about.st_size;
  if (is_null(about)) return true;
  pollfd ready{fd, POLLIN, 0};
  int bytes = 0;
  return poll(&ready, 1, 0) == 1 && ioctl(fd, FIONREAD, &bytes) == 0 && bytes == 0;
}

}  // namespace trama::connect
