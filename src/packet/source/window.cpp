#include "packet/source/window.h"

#include <cstring>

namespace trama::source {

Window::Fill Window::fill(std::size_t need) {
  if (size() >= need) return Fill::enough;
  if (put_) return last_ ? Fill::ended : Fill::interrupted;
  if (begin_ > 0) std::memmove(buffer_.data(), begin(), size());
  end_ -= begin_;
  begin_ = 0;
  if (buffer_.size() < need + padding) buffer_.resize(need + padding);
  while (end_ < need) {
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
