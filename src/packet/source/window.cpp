#include "packet/source/window.h"

#include <algorithm>
#include <cstring>

namespace trama::source {

constexpr std::size_t least_growth = 4096;

Window::Fill Window::fill(std::size_t need) {
  if (size() >= need) return Fill::enough;
  if (put_) return last_ ? Fill::ended : Fill::interrupted;
  if (begin_ > 0) std::memmove(buffer_.data(), begin(), size());
  end_ -= begin_;
  begin_ = 0;
  while (end_ < need) {
    // Grows with what is there, not with what a damaged length claims.
    if (buffer_.size() == end_ + padding)
      buffer_.resize(std::min(need, 2 * end_ + least_growth) + padding);
    const long got = stream_->read({buffer_.data() + end_, buffer_.size() - padding - end_});
    if (got == Stream::interrupted) return Fill::interrupted;
    if (got == Stream::failed) problem_ = stream_->problem();
    if (got <= 0) return Fill::ended;
    end_ += static_cast<std::size_t>(got);
  }
  return Fill::enough;
}

void Window::put(std::vector<u8>&& bytes, std::size_t begin, std::size_t end, bool last,
                 std::string problem) {
  buffer_ = std::move(bytes);
  begin_ = begin;
  end_ = end;
  put_ = true;
  last_ = last;
  problem_ = std::move(problem);
}

}  // namespace trama::source
