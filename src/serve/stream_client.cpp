#include "serve/stream_client.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace trama::serve {
namespace {

constexpr std::size_t file_a_turn = std::size_t{1024} * 1024;  // bytes; then others have theirs

}  // namespace

void StreamClient::join(const Mode& mode, Hall& hall) {
  mode_ = &mode;
  hall_ = &hall;
  talk_ = mode.start(*this, hall);
  if (mode.meets) hall.company.add(*this);
  talk_->begins();
}

void StreamClient::leave() {
  if (!talk_) return;
  const auto talk = std::move(talk_);
  hall_->company.remove(*this);
  talk->ends();
}

StreamClient::State StreamClient::ready(u32 events, std::span<u8> space, Audience& audience) {
  if ((events & EPOLLOUT) != 0) write(audience);
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (alive() && reads() && (broken || (events & EPOLLIN) != 0)) {
    // Bytes that came before a reset are still there: they are read before the error counts.
    u64 before = 0;
    do {
      before = traffic_.messages;
      read_once(space, audience);
    } while (broken && alive() && reads() && traffic_.messages > before);
  }
  if (alive() && broken && !(shut_ && ended_)) {
    // Nothing readable is left, or the client never took its answers.
    error_ = net::pending_error(socket_.get());
    if (error_ == 0) error_ = ECONNRESET;
  }
  return state();
}

StreamClient::State StreamClient::flush(Audience& audience) {
  is_behind_ = false;
  if (std::exchange(drops_told_, drops_) != drops_) audience.falls_behind(who_);
  if (alive()) write(audience);
  return state();
}

StreamClient::State StreamClient::state() {
  if (!alive()) return State::over;
  if (writes()) return State::open;
  if (parts_ && !std::exchange(shut_, true)) shutdown(socket_.get(), SHUT_WR);
  if (parts_) return ended_ ? State::over : State::parting;
  return ended_ ? State::answered_all : State::open;
}

void StreamClient::part(Ending why) {
  leave();
  if (!parts_) parts_ = why;
  paused_ = false;
}

u32 StreamClient::wanted() const {
  u32 events = 0;
  if (reads()) events |= EPOLLIN;
  if (writes()) events |= EPOLLOUT;
  return events;
}

Ending StreamClient::ending() const {
  if (too_slow_) return Ending::slow;
  switch (error_) {
    case 0:
      return parts_.value_or(Ending::fin);
    case ECONNRESET:
      return parts_.value_or(
          Ending::reset);  // after the server's FIN it is the client's good right
    case EPIPE:            // RST after FIN (the kernel's tcp_reset, in CLOSE_WAIT)
      return Ending::answer_refused;
    default:
      return Ending::error;
  }
}

void StreamClient::read_once(std::span<u8> space, Audience& audience) {
  if (allowance_ != nullptr) {
    const u64 most = allowance_->now(std::chrono::steady_clock::now());
    rests_ = most == 0;
    if (rests_) return;
    space = space.first(std::min<u64>(space.size(), most));
  }
  const ssize_t n = recv(socket_.get(), space.data(), space.size(), 0);
  if (n > 0) {
    const auto text = space.first(static_cast<std::size_t>(n));
    ++traffic_.messages;
    traffic_.bytes_in += text.size();
    if (allowance_ != nullptr) allowance_->take(text.size());
    if (!talk_) return;
    if (mode_->tells_messages) audience.message(who_, text);
    talk_->bytes(text);
    return;
  }
  if (n == 0) {
    ended_ = true;
    leave();
    return;
  }
  if (errno != EAGAIN && errno != EINTR) error_ = errno;
}

void StreamClient::answer(Bytes text) {
  if (!alive()) return;
  if (!writes()) {
    const ssize_t n = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      error_ = errno;
      return;
    }
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    traffic_.bytes_out += taken;
    text = text.subspan(taken);
  }
  if (text.empty()) return;
  queue_.push(SharedText{{text}});
  paused_ = queue_.cost() + most_read > queueing_.limit;
}

void StreamClient::send(const SharedText& text) {
  if (!alive() || parts_) return;
  const auto room_for = [&] {
    return queue_.cost() + text.size() + SharedText::overhead <= queueing_.limit;
  };
  if (!room_for() && queueing_.slow == Slow::disconnect) too_slow_ = true;
  while (!too_slow_ && !room_for() && queue_.drop_oldest()) {
    drops_ = true;
    ++traffic_.dropped;
  }
  if (room_for()) {
    queue_.push(text);
  } else if (!too_slow_) {  // longer than the queue
    drops_ = true;
    ++traffic_.dropped;
  }
  if (!std::exchange(is_behind_, true)) behind_.push_back(this);
}

void StreamClient::send_file(int file) {
  file_ = file;
  if (!std::exchange(is_behind_, true)) behind_.push_back(this);
}

void StreamClient::write(Audience& audience) {
  error_ = queue_.send_to(socket_.get(), traffic_.bytes_out);
  if (error_ != 0 || !queue_.empty()) return;
  paused_ = false;
  if (std::exchange(drops_, false)) {
    drops_told_ = false;
    audience.caught_up(who_, traffic_.dropped - std::exchange(dropped_told_, traffic_.dropped));
  }
  if (file_ >= 0) write_file();
}

void StreamClient::write_file() {
  const ssize_t n = sendfile(socket_.get(), file_, &file_at_, file_a_turn);
  if (n > 0) traffic_.bytes_out += static_cast<u64>(n);
  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
  if (n < 0) error_ = errno;
  file_ = -1;
  part(Ending::sent);
}

}  // namespace trama::serve
