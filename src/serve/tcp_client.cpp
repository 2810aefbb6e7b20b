#include "serve/tcp_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace trama::serve {

TcpClient::State TcpClient::ready(u32 events, std::span<u8> space, Audience& audience) {
  bool alive = true;
  if ((events & EPOLLOUT) != 0) alive = write_queued();
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (alive && reads() && (broken || (events & EPOLLIN) != 0)) {
    // Bytes that came before a reset are still there: they are read before the error counts.
    u64 before = 0;
    do {
      before = traffic_.messages;
      alive = read_once(space, audience);
    } while (broken && alive && reads() && traffic_.messages > before);
  }
  if (alive && broken) {
    // Nothing readable is left, or the client never took its answers.
    error_ = net::pending_error(socket_.get());
    if (error_ == 0) error_ = ECONNRESET;
    alive = false;
  }
  if (!alive) return State::over;
  return ended_ && queued() == 0 ? State::answered_all : State::open;
}

u32 TcpClient::wanted() const {
  u32 events = 0;
  if (reads()) events |= EPOLLIN;
  if (queued() > 0) events |= EPOLLOUT;
  return events;
}

Ending TcpClient::ending() const {
  switch (error_) {
    case ECONNRESET:
      return Ending::reset;
    case EPIPE:  // RST after FIN (the kernel's tcp_reset, in CLOSE_WAIT)
      return Ending::answer_refused;
    default:
      return Ending::error;
  }
}

bool TcpClient::read_once(std::span<u8> space, Audience& audience) {
  const ssize_t n = recv(socket_.get(), space.data(), space.size(), 0);
  if (n > 0) {
    const auto text = space.first(static_cast<std::size_t>(n));
    ++traffic_.messages;
    traffic_.bytes_in += text.size();
    audience.message(who_, text);
    upper_(text);
    const bool alive = answer(text);
    paused_ = queued() + space.size() > max_queued;
    return alive;
  }
  if (n == 0) {
    ended_ = true;
    return true;
  }
  if (errno == EAGAIN || errno == EINTR) return true;
  error_ = errno;
  return false;
}

bool TcpClient::answer(std::span<const u8> text) {
  if (queued() == 0) {
    const ssize_t n = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      error_ = errno;
      return false;
    }
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    traffic_.bytes_out += taken;
    text = text.subspan(taken);
  }
  queue_.insert(queue_.end(), text.begin(), text.end());
  return true;
}

bool TcpClient::write_queued() {
  while (queued() > 0) {
    const ssize_t n = send(socket_.get(), queue_.data() + written_, queued(), MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      error_ = errno;
      return false;
    }
    written_ += static_cast<std::size_t>(n);
    traffic_.bytes_out += static_cast<u64>(n);
  }
  if (queued() == 0) {
    queue_ = std::vector<u8>();  // an idle client keeps no memory
    written_ = 0;
    paused_ = false;
  } else if (written_ >= queue_.size() / 2) {  // moves each byte at most once on average
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ = 0;
  }
  return true;
}

}  // namespace trama::serve
