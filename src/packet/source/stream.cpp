#include "packet/source/stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace trama::source {
namespace {

class FdStream : public Stream {
 public:
  explicit FdStream(Fd fd) : fd_(std::move(fd)) {}

  long read(std::span<u8> into) override {
    const auto got = ::read(fd_.get(), into.data(), into.size());
    if (got >= 0) return got;
    if (errno == EINTR) return interrupted;
    problem_ = errno_text(errno);
    return failed;
  }

 private:
  Fd fd_;
};

class MemoryStream : public Stream {
 public:
  explicit MemoryStream(Bytes bytes) : left_(bytes) {}

  long read(std::span<u8> into) override {
    const auto count = std::min(into.size(), left_.size());
    if (count > 0) std::memcpy(into.data(), left_.data(), count);
    left_ = left_.subspan(count);
    return static_cast<long>(count);
  }

 private:
  Bytes left_;
};

}  // namespace

std::unique_ptr<Stream> stream_of(Fd fd) { return std::make_unique<FdStream>(std::move(fd)); }
std::unique_ptr<Stream> stream_of(Bytes memory) { return std::make_unique<MemoryStream>(memory); }

}  // namespace trama::source
