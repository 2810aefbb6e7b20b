#include "serve/send_queue.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace trama::serve {
namespace {

constexpr std::size_t texts_a_call = 64;
constexpr std::size_t kept_places = 16;  // an empty queue's, so that short waits allocate nothing

}  // namespace

void SendQueue::push(SharedText text) {
  if (text.size() == 0) return;
  cost_ += cost_of(text);
  texts_.push_back(std::move(text));
}

void SendQueue::forget_first() {
  cost_ -= cost_of(texts_[first_]);
  texts_[first_] = {};
  ++first_;
  written_ = 0;
  begun_ = false;
  if (empty()) {
    texts_.clear();
    if (texts_.capacity() > kept_places) texts_ = std::vector<SharedText>();
    first_ = 0;
  } else if (first_ >= texts_.size() / 2) {  // moves each entry at most once on average
    texts_.erase(texts_.begin(), texts_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

bool SendQueue::drop_oldest() {
  const bool begun = begun_ || written_ > 0;
  const std::size_t at = begun ? first_ + 1 : first_;
  if (at >= texts_.size()) return false;
  if (at > first_) std::swap(texts_[at], texts_[first_]);  // the one that is half sent moves up
  const std::size_t written = written_;
  forget_first();
  written_ = written;
  begun_ = begun;
  return true;
}

void SendQueue::took(std::size_t bytes) {
  while (bytes > 0) {
    const std::size_t left = texts_[first_].size() - written_;
    if (bytes < left) {
      written_ += bytes;
      return;
    }
    bytes -= left;
    forget_first();
  }
}

int SendQueue::send_to(int socket, u64& sent) {
  while (!empty()) {
    std::array<iovec, texts_a_call> parts{};
    std::size_t count = 0, wanted = 0;
    for (std::size_t i = first_; i < texts_.size() && count < parts.size(); ++i) {
      const Bytes text = texts_[i].bytes().subspan(i == first_ ? written_ : 0);
      parts[count++] = {const_cast<u8*>(text.data()),
                        text.size()};  // only read, as sendmsg(2) says
      wanted += text.size();
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? 0 : errno;
    }
    sent += static_cast<u64>(n);
    took(static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) < wanted) return 0;  // full: the loop says when it is not
  }
  return 0;
}

int SendQueue::send_by(const std::function<ssize_t(Bytes)>& send, u64& sent) {
  while (!empty()) {
    const ssize_t n = send(texts_[first_].bytes().subspan(written_));
    if (n < 0 && errno == EAGAIN) begin();
    if (n < 0) return errno == EAGAIN ? 0 : errno;
    sent += static_cast<u64>(n);
    took(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace trama::serve
