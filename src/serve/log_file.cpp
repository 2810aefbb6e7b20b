#include "serve/log_file.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/say.h"

namespace trama::serve {
namespace {

// O_NONBLOCK: a FIFO that nobody reads is an error instead of a server that stands still.
Fd opened(const std::string& path) {
  return Fd{open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640)};
}

}  // namespace

std::string no_more_lines(std::string_view name, int error) {
  return say("{} takes no more lines ({}): serving goes on without them", name, errno_text(error));
}

Result<std::unique_ptr<LogFile>> LogFile::open(std::string path,
                                               std::function<void(std::string)> told) {
  Fd file = opened(path);
  if (!file.is_open())
    return fail(Exit::bad_input, say("cannot write to {}: {}", path, errno_text(errno)), errno);
  return std::unique_ptr<LogFile>{
      new LogFile{std::move(path), std::move(file), std::move(told)}
  };
}

void LogFile::flush() {
  while (!kept_.text.empty()) {
    const ssize_t n = ::write(file_.get(), kept_.text.data(), kept_.text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      failed(n < 0 ? errno : ENOSPC);
      return kept_.lose();
    }
    kept_.written(static_cast<std::size_t>(n));
  }
}

void LogFile::reopen() {
  flush();
  if (Fd file = opened(path_); file.is_open())
    file_ = std::move(file);
  else
    failed(errno);
}

void LogFile::failed(int error) {
  if (std::exchange(error_, error) == 0) told_(no_more_lines(path_, error));
}

}  // namespace trama::serve
