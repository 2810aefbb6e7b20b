// Where a verb writes: a buffered descriptor whose failures are remembered, so that a full disk is
// told once, at the end, with status 74, and a reader that went away (| head) just ends the work.
#pragma once
#include <fmt/core.h>

#include <iterator>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trama {

class Out {
 public:
  explicit Out(int fd) : fd_(fd) {}
  Out() : fd_(-1) {}  // keeps all in its buffer, for somebody to take
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  ~Out() { flush(); }

  void write(std::string_view text);
  template <class... Args>
  void print(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), text, std::forward<Args>(args)...);
    if (buffer_.size() >= full) flush();
  }
  // The buffer itself, for writers that append much; call write("") or flush() now and then.
  std::string& buffer() { return buffer_; }

  // Writes what is held. False once the descriptor took nothing more.
  bool flush();

  // The reader left (EPIPE): not an error, but there is nobody to write for.
  [[nodiscard]] bool nobody_reads() const { return left_; }
  // errno of the write that failed, 0 while all is well.
  [[nodiscard]] int failed() const { return failed_; }
  [[nodiscard]] bool is_open() const { return !left_ && failed_ == 0; }

 private:
  static constexpr std::size_t full = std::size_t{64} * 1024;
  int fd_;
  int failed_ = 0;
  bool left_ = false;
  std::string buffer_;
};

}  // namespace trama
