#include "connect/shortcut.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace trama::connect {
namespace {

constexpr std::size_t most = std::size_t{1024} * 1024;  // bytes; then others have their turn

}  // namespace

Shortcut::Shortcut(int from) : from_(from) {
  struct stat about {};
  if (fstat(from, &about) != 0) return;
  if (S_ISREG(about.st_mode)) kind_ = Kind::file;
  if (S_ISFIFO(about.st_mode)) kind_ = Kind::pipe;
}

ssize_t Shortcut::move(int socket) {
  const ssize_t n = kind_ == Kind::file
                        ? sendfile(socket, from_, nullptr, most)
                        : splice(from_, nullptr, socket, nullptr, most, SPLICE_F_NONBLOCK);
  if (n < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
    close();
    errno = EINVAL;
  }
  return n;
}

u64 Shortcut::waiting() const {
  if (kind_ == Kind::pipe) {
    int bytes = 0;
    return ioctl(from_, FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<u64>(bytes) : 0;
  }
  struct stat about {};
  const off_t at = lseek(from_, 0, SEEK_CUR);
  if (kind_ == Kind::none || fstat(from_, &about) != 0 || at >= about.st_size) return 0;
  return static_cast<u64>(about.st_size - at);
}

}  // namespace trama::connect
