#include "serve/far_side.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "serve/linger.h"

namespace trama::serve {
namespace {

constexpr std::size_t most_read = std::size_t{64} * 1024;  // bytes at once

}  // namespace

FarSide::FarSide(net::Loop& loop, Fd socket, Member& me, std::function<void(int)> ended)
    : socket_(std::move(socket)),
      me_(me),
      ended_(std::move(ended)),
      interest_(loop, socket_.get(), [this](u32 events) { ready(events); }) {
  want();
}

FarSide::~FarSide() {
  const bool whole = no_more_ && sent_ == waiting_.size() && !cut_;
  if (!whole) reset_on_close(socket_.get());
}

// A far side that is over may be gone: nothing of it is touched after end().
void FarSide::ready(u32 events) {
  if ((events & (EPOLLOUT | EPOLLERR)) != 0 && sent_ < waiting_.size()) send();
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && me_.has_room()) return read_once();
  want();
}

void FarSide::read_once() {
  std::array<u8, most_read> space;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
  const ssize_t n = recv(socket_.get(), space.data(), space.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return want();
  if (n <= 0) return end(n < 0 ? errno : 0);
  me_.answer(Bytes{space.data(), static_cast<std::size_t>(n)});
  want();
}

void FarSide::end(int error) {
  over_ = true;
  if (error != 0) deaf_ = true;
  want();
  ended_(error);
}

void FarSide::write(Bytes text) {
  if (deaf_) return;
  const bool first = sent_ == waiting_.size();
  waiting_.insert(waiting_.end(), text.begin(), text.end());
  if (first) send();
  want();
}

void FarSide::send() {
  while (sent_ < waiting_.size()) {
    const ssize_t n =
        ::send(socket_.get(), waiting_.data() + sent_, waiting_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) {  // what it said before is still to be read
      deaf_ = true;
      break;
    }
    sent_ += static_cast<std::size_t>(n);
  }
  const bool all = deaf_ || sent_ == waiting_.size();
  if (all) {
    waiting_ = {};
    sent_ = 0;
    if (no_more_) shutdown(socket_.get(), SHUT_WR);
  }
  me_.hold(!all);
}

void FarSide::no_more() {
  if (std::exchange(no_more_, true)) return;
  if (sent_ == waiting_.size()) shutdown(socket_.get(), SHUT_WR);
}

void FarSide::room() { want(); }

void FarSide::want() {
  const bool reads = !over_ && me_.has_room();
  const bool writes = !deaf_ && sent_ < waiting_.size();
  interest_.want((reads ? u32{EPOLLIN} : 0U) | (writes ? u32{EPOLLOUT} : 0U));
}

}  // namespace trama::serve
