#include "serve/stream_client.h"

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "serve/linger.h"

namespace trama::serve {
namespace {

constexpr std::size_t file_piece = std::size_t{64} * 1024;     // bytes, with TLS
constexpr std::size_t file_a_turn = std::size_t{1024} * 1024;  // bytes; then others have theirs

}  // namespace

StreamClient::~StreamClient() {
  if (tls_ && !shut_ && error_ == 0 && !cut_) tls_->say_goodbye();
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
  gone_ = tls_->closed();
  return false;
}

void StreamClient::leave() {
  if (!talk_) return;
  const auto talk = std::move(talk_);
  hall_->company.remove(*this);
  if (error_ != 0) talk->lost();
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
    hung_ = error_ == 0 && held_;
    if (hung_) return state();
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
  if ((parts_ || finished_) && !std::exchange(shut_, true)) {
    if (tls_) tls_->say_goodbye();
    shutdown(socket_.get(), SHUT_WR);
  }
  if (parts_) return ended_ ? State::over : State::parting;
  if (!ended_) return State::open;
  if (is_two_way()) return finished_ ? State::over : State::open;
  return State::answered_all;
}

void StreamClient::part(Ending why) {
  leave();
  if (!parts_) parts_ = why;
  paused_ = false;
  held_ = false;
  come_behind();
}

void StreamClient::finish() {
  finished_ = true;
  come_behind();
}

void StreamClient::cut() {
  reset_on_close(socket_.get());
  cut_ = true;
  come_behind();
}

void StreamClient::hold(bool on) {
  if (std::exchange(held_, on) == on) return;
  if (!on) hung_ = false;
  come_behind();
}

void StreamClient::come_behind() {
  if (!std::exchange(is_behind_, true)) behind_.push_back(this);
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
  if (cut_) return Ending::cut;
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
    if (!is_two_way()) leave();
    if (talk_) talk_->says_no_more();
    return;
  }
  if (errno != EAGAIN && errno != EINTR) error_ = errno;
}

void StreamClient::answer(Bytes text) {
  if (!alive() || text.empty()) return;
  if (is_two_way()) come_behind();  // nobody may be looking at this client now
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
  // Of a two-way talk each direction waits for itself.
  (is_two_way() ? crowded_ : paused_) = queue_.cost() + most_read > queueing_.limit;
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
  come_behind();
}

void StreamClient::send_file(int file) {
  file_ = file;
  file_left_ = std::numeric_limits<u64>::max();
  come_behind();
}

void StreamClient::send_part(Fd file, off_t from, u64 bytes) {
  part_ = std::move(file);
  file_ = part_.get();
  file_at_ = from;
  file_left_ = bytes;
  crowded_ = true;
  come_behind();
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
  if (!writes() && alive() && std::exchange(crowded_, false) && talk_) talk_->room();
}

void StreamClient::write_file() {
  if (tls_) return queue_file();
  const auto most = std::min<u64>(file_left_, file_a_turn);
  const ssize_t n = sendfile(socket_.get(), file_, &file_at_, most);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) traffic_.bytes_out += static_cast<u64>(n);
  file_ends(n);
}

// Looks whether the file's last bytes were these (sendfile(2)'s result, or read(2)'s).
void StreamClient::file_ends(ssize_t last) {
  if (last > 0) file_left_ -= static_cast<u64>(last);
  if (last > 0 && file_left_ > 0) return;
  if (last < 0) error_ = errno;
  file_ = -1;
  if (!part_.is_open()) return part(Ending::sent);
  part_.close();
  if (file_left_ > 0) cut();  // it became shorter: what was promised cannot come
}

// The kernel cannot encrypt what it sends: the file comes through here, piece by piece.
void StreamClient::queue_file() {
  std::array<u8, file_piece> piece;  // NOLINT(cppcoreguidelines-pro-type-member-init): read into
  const ssize_t n = pread(file_, piece.data(), std::min<u64>(piece.size(), file_left_), file_at_);
  if (n > 0) {
    file_at_ += n;
    queue_.push(SharedText{{Bytes{piece.data(), static_cast<std::size_t>(n)}}});
  }
  file_ends(n);
}

}  // namespace trama::serve
