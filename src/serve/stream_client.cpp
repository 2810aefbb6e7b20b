#include "serve/stream_client.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace trama::serve {
namespace {

constexpr std::size_t file_piece = std::size_t{64} * 1024;     // bytes, with TLS
constexpr std::size_t file_a_turn = std::size_t{1024} * 1024;  // bytes; then others have theirs

}  // namespace

StreamClient::~StreamClient() {
  if (tls_ && !shut_ && error_ == 0) tls_->say_goodbye();
}

void StreamClient::join(const Mode& mode, Hall& hall) {
  mode_ = &mode;
  hall_ = &hall;
  if (greeted()) begin();
}

void StreamClient::begin() {
  talk_ = mode_->start(*this, *hall_);
  if (mode_->meets) hall_->company.add(*this);
  talk_->begins();
}

bool StreamClient::shake_hands() {
  if (tls_->handshake()) {
    if (!parts_) begin();
    return true;
  }
  error_ = tls_->error();
  return false;
}

void StreamClient::leave() {
  if (!talk_) return;
  const auto talk = std::move(talk_);
  hall_->company.remove(*this);
  talk->ends();
}

StreamClient::State StreamClient::ready(u32 events, std::span<u8> space, Audience& audience) {
  if (!greeted()) {
    if (!shake_hands()) return state();
    events |= EPOLLIN;  // more than the handshake may have come already
  }
  if ((events & EPOLLOUT) != 0) write(audience);
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const auto waits = [&] { return broken || (tls_ && tls_->has_read_more()); };
  if (alive() && reads() && (waits() || (events & EPOLLIN) != 0)) {
    // Bytes that came before a reset are still there: they are read before the error counts.
    u64 before = 0;
    do {
      before = traffic_.messages;
      read_once(space, audience);
    } while (waits() && alive() && reads() && traffic_.messages > before);
  }
  if (alive() && broken && !(shut_ && ended_)) {
    // Nothing readable is left, or the client never took its answers.
    error_ = net::pending_error(socket_.get());
    gone_ = error_ == 0 && ended_ && who_.is_by_unix_socket();  // its close() is no reset
    if (error_ == 0 && gone_ && writes()) error_ = EPIPE;
    if (error_ == 0 && !gone_) error_ = ECONNRESET;
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
  if (!alive() || gone_) return State::over;
  if (writes()) return State::open;
  if (parts_ && !std::exchange(shut_, true)) {
    if (tls_) tls_->say_goodbye();
    shutdown(socket_.get(), SHUT_WR);
  }
  if (parts_) return ended_ ? State::over : State::parting;
  return ended_ ? State::answered_all : State::open;
}

void StreamClient::part(Ending why) {
  leave();
  if (!parts_) parts_ = why;
  paused_ = false;
}

u32 StreamClient::wanted() const {
  if (!greeted()) return tls_->wants() == 0 ? u32{EPOLLIN} : tls_->wants();
  u32 events = 0;
  if (reads()) events |= EPOLLIN;
  if (writes()) events |= EPOLLOUT;
  return events;
}

Ending StreamClient::ending() const {
  if (too_slow_) return Ending::slow;
  if (error_ == EPROTO && tls_) return Ending::tls;
  switch (error_) {
    case 0:
      return parts_.value_or(Ending::fin);
    case ECONNRESET:
      return parts_.value_or(Ending::reset);  // after the server's FIN, RST is as good as FIN
    case EPIPE:  // RST after FIN (the kernel's tcp_reset, in CLOSE_WAIT)
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
  const ssize_t n = tls_ ? tls_->read(space) : recv(socket_.get(), space.data(), space.size(), 0);
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
  if (!alive() || text.empty()) return;
  const bool first = !writes();
  if (first) {
    const ssize_t n =
        tls_ ? tls_->write(text) : ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
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
  if (first) queue_.begin();
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
  if (!greeted()) return;
  error_ =
      tls_ ? queue_.send_by([this](Bytes text) { return tls_->write(text); }, traffic_.bytes_out)
           : queue_.send_to(socket_.get(), traffic_.bytes_out);
  if (error_ != 0 || !queue_.empty()) return;
  paused_ = false;
  if (std::exchange(drops_, false)) {
    drops_told_ = false;
    audience.caught_up(who_, traffic_.dropped - std::exchange(dropped_told_, traffic_.dropped));
  }
  if (file_ >= 0) write_file();
}

void StreamClient::write_file() {
  if (tls_) return queue_file();
  const ssize_t n = sendfile(socket_.get(), file_, &file_at_, file_a_turn);
  if (n > 0) traffic_.bytes_out += static_cast<u64>(n);
  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
  if (n < 0) error_ = errno;
  file_ = -1;
  part(Ending::sent);
}

// The kernel cannot encrypt what it sends: the file comes through here, piece by piece.
void StreamClient::queue_file() {
  std::array<u8, file_piece> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
  const ssize_t n = pread(file_, piece.data(), piece.size(), file_at_);
  if (n > 0) {
    file_at_ += n;
    queue_.push(SharedText{{Bytes{piece.data(), static_cast<std::size_t>(n)}}});
    return;
  }
  if (n < 0) error_ = errno;
  file_ = -1;
  part(Ending::sent);
}

}  // namespace trama::serve
