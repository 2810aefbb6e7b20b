#include "connect/drain.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace trama::connect {
namespace {

constexpr int most = 1024 * 1024;  // bytes in the pipe

// A file that is appended to takes no splice(2).
bool takes(int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return false;
  if (S_ISREG(about.st_mode)) return (fcntl(fd, F_GETFL) & O_APPEND) == 0;
  const bool null = S_ISCHR(about.st_mode) && about.st_rdev == makedev(1, 3);
  return null || S_ISFIFO(about.st_mode);
}

}  // namespace

Drain::Drain(int to) : to_(to) {
  std::array<int, 2> ends{};
  if (!takes(to) || pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  out_ = Fd{ends[0]};
  in_ = Fd{ends[1]};
  fcntl(in_.get(), F_SETPIPE_SZ, most);  // a user who has too many pipes gets smaller ones
  open_ = true;
}

ssize_t Drain::outcome(ssize_t n) {
  if (n < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
    close();
    errno = EINVAL;
  }
  return n;
}

ssize_t Drain::take(int socket) {
  const ssize_t n =
      outcome(splice(socket, nullptr, in_.get(), nullptr, std::size_t{most}, SPLICE_F_NONBLOCK));
  if (n > 0) waiting_ += static_cast<u64>(n);
  return n;
}

ssize_t Drain::give() {
  const ssize_t n = outcome(splice(out_.get(), nullptr, to_, nullptr,
                                   static_cast<std::size_t>(waiting_), SPLICE_F_NONBLOCK));
  if (n > 0) waiting_ -= static_cast<u64>(n);
  return n;
}

ssize_t Drain::read(std::span<u8> space) {
  const ssize_t n = ::read(out_.get(), space.data(), space.size());
  if (n > 0) waiting_ -= static_cast<u64>(n);
  return n;
}

}  // namespace trama::connect
