#include "net/output.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace trama::net {

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

void KeptLines::written(std::size_t bytes) {
  if (bytes == 0) return;
  within_a_line_ = text[bytes - 1] != '\n';
  text.erase(0, bytes);
}

void KeptLines::lose() { text.assign(within_a_line_ ? 1 : 0, '\n'); }

PatientOutput::PatientOutput(Loop& loop, int fd)
    : out_(fd), interest_(loop, out_.fd(), [this](u32) { flush(); }) {}

void PatientOutput::flush() {
  const Bytes bytes{reinterpret_cast<const u8*>(kept_.text.data()), kept_.text.size()};
  std::size_t written = 0;
  while (written < bytes.size()) {
    const std::size_t n = out_.write(bytes.subspan(written));
    if (n == 0) break;
    written += n;
  }
  kept_.written(written);
  const bool fails = out_.error() != 0;
  if (fails) kept_.lose();
  // After a failure the next flush() tries again: waiting for room would spin.
  interest_.want(fails || kept_.text.empty() ? 0U : u32{EPOLLOUT});
}

void PatientOutput::finish(std::chrono::milliseconds most) {
  const auto deadline = Loop::Clock::now() + most;
  for (flush(); error() == 0 && !kept_.text.empty(); flush()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Loop::Clock::now());
    pollfd room{out_.fd(), POLLOUT, 0};
    if (left.count() <= 0 || poll(&room, 1, static_cast<int>(left.count())) <= 0) return;
  }
}

}  // namespace trama::net
