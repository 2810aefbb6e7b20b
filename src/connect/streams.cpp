#include "connect/streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>

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

Output::Output(int fd) : fd_(fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return;
  if (S_ISSOCK(about.st_mode)) kind_ = Kind::socket;
  const bool pipe = S_ISFIFO(about.st_mode);
  if (!pipe && isatty(fd) == 0) return;
  own_ = Fd{open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                 O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
  if (pipe && !own_.is_open()) kind_ = Kind::pipe;  // another user's, or nobody reads it
}

std::size_t Output::write(Bytes bytes) {
  ssize_t n = 0;
  if (kind_ == Kind::socket) {
    n = send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    if (kind_ == Kind::pipe) {
      // A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)).
      pollfd room{fd_, POLLOUT, 0};
      if (poll(&room, 1, 0) == 0) return 0;
      bytes = bytes.first(std::min<std::size_t>(bytes.size(), PIPE_BUF));
    }
    n = ::write(fd(), bytes.data(), bytes.size());
  }
  if (n >= 0) return static_cast<std::size_t>(n);
  if (errno != EAGAIN && errno != EINTR) error_ = errno;
  return 0;
}

}  // namespace trama::connect
