#include "connect/tcp_talk.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "connect/telnet.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t buffer = std::size_t{128} * 1024;

// --send-only waits this long, without a byte from the peer, for the peer's FIN: closing at once
// would answer what still comes with RST, which may cost the peer bytes that it has not read.
constexpr std::chrono::nanoseconds farewell = 1s;
constexpr std::chrono::nanoseconds short_farewell = 100ms;  // Ends::with_input

}  // namespace

TcpTalk::TcpTalk(const Run& run, Channel& channel, const Request& request)
    : loop_(run.loop),
      run_(run),
      channel_(channel),
      request_(request),
      in_(request.input, request.crlf, request.pace.has_value()),
      out_(request.output),
      input_again_(request.input == request.output ? dup(request.input) : -1),
      input_(run.loop, input_again_.is_open() ? input_again_.get() : request.input,
             [this](u32) { read_input(); }),
      output_(run.loop, out_.fd(), [this](u32) { write_down(); }),
      peer_(run.loop, channel.socket(), [this](u32 events) { socket_ready(events); }),
      shortcut_(request.input),
      drain_(out_.fd()),
      leaves_with_peer_(isatty(request.input) == 1 || request.reconnect || request.ends.with_peer) {
  const bool looked_at = run.journal.is_open() || request.crlf || request.pace;
  if (!channel.is_plain() || looked_at) shortcut_.close();
  const bool changed = request.telnet || request.send_only || request.program;
  if (!channel.is_plain() || run.journal.is_open() || changed) drain_.close();
  down_.space.resize(buffer);
  if (!shortcut_.is_open()) up_.space.resize(buffer);
}

TcpTalk::~TcpTalk() {
  loop_.cancel(idle_);
  loop_.cancel(quit_);
  loop_.cancel(rest_);
}

Report TcpTalk::run() {
  const auto since = Clock::now();
  if (limit()) arm_idle();
  wait_for_what_is_left();
  while (!over_) {
    if (!has_to_write() && !peer_ended_ && !enough_ && receive_error_ == 0 && channel_.has_more())
      receive();
    else
      loop_.run_once(1min);
    if (fin_waits_) finish_sending();
    if (run_.interrupted) end(Ending::interrupted);
    end_where_done();
    if (!over_) wait_for_what_is_left();
  }
  for (net::Interest* interest : {&input_, &output_, &peer_}) interest->want(0);
  // Who leaves says so, in TLS too (close_notify).
  const bool told = fin_sent_ && request_.ends.half_close;
  if (report_.ending == Ending::fin && !told) channel_.end_sending();
  report_.input_ended = input_ended_ && send_error_ == 0;
  report_.words = channel_.failure();
  report_.unsent = up_waits_ ? shortcut_.waiting() : up_.left().size();
  report_.time = Clock::now() - since;
  return report_;
}

// How long nothing may move.
std::optional<std::chrono::nanoseconds> TcpTalk::limit() const {
  if (request_.idle || request_.wait_only_connects) return request_.idle;
  return request_.wait;
}

bool TcpTalk::input_wanted() const {
  return !input_ended_ && !request_.receive_only && !(peer_ended_ && leaves_with_peer_) &&
         send_error_ == 0 && !has_to_send() && !rests_;
}

void TcpTalk::wait_for_what_is_left() {
  input_.want(input_wanted() ? u32{EPOLLIN} : 0U);
  output_.want(has_to_write() ? u32{EPOLLOUT} : 0U);
  u32 events = 0;
  if (!peer_ended_ && receive_error_ == 0 && !has_to_write() && !enough_) events |= EPOLLIN;
  if (has_to_send() && !broken_ && channel_.established()) events |= EPOLLOUT;
  // Nothing is awaited from the peer, but its RST is to be heard (always told by epoll).
  if (peer_ended_ && input_wanted() && !broken_) events |= EPOLLPRI;
  peer_.want(events);
}

void TcpTalk::read_input() {
  if (!input_wanted()) return;
  if (shortcut_.is_open()) return move_input();
  up_.space.resize(buffer);
  std::size_t count = 0;
  const bool goes_on = in_.read(up_.space, count);
  up_.hold(count);
  if (request_.ends.input_is_lost(in_.error())) return end(Ending::input_lost, in_.error());
  if (!goes_on) return end_input();
  if (request_.pace && count > 0) rest();
  send_up();
}

// What the shortcut refuses is read and sent from the next round on.
void TcpTalk::move_input() {
  const ssize_t n = shortcut_.move(channel_.socket());
  if (n == 0) return end_input();
  if (n > 0) {
    report_.sent += static_cast<u64>(n);
    moved_ = Clock::now();
  } else if (errno == EAGAIN) {
    pollfd room{channel_.socket(), POLLOUT, 0};
    up_waits_ = poll(&room, 1, 0) == 0;
  } else if (errno == EBADF || errno == EIO) {  // never the socket's
    return request_.ends.input_is_lost(errno) ? end(Ending::input_lost, errno) : end_input();
  } else if (errno != EINTR && errno != EINVAL) {
    send_error_ = errno;
    input_ended_ = true;
  }
}

void TcpTalk::end_input() {
  input_ended_ = true;
  if (request_.quit) arm_quit();
  send_up();
}

void TcpTalk::send_up() {
  while (!up_.empty()) {
    const ssize_t n = channel_.write(up_.left());
    if (n >= 0) {
      run_.journal.sent(up_.left().first(static_cast<std::size_t>(n)));
      up_.at += static_cast<std::size_t>(n);
      report_.sent += static_cast<u64>(n);
      moved_ = Clock::now();
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      send_error_ = errno;
      input_ended_ = true;
      break;
    }
  }
  up_.hold(0);
  if (input_ended_ && !fin_sent_ && send_error_ == 0) finish_sending();
}

void TcpTalk::finish_sending() {
  if (peer_ended_ && !channel_.is_plain() && !last_word_) {
    send_error_ = net::pending_error(channel_.socket());
    if (send_error_ != 0) {
      fin_waits_ = false;
      return;
    }
    last_word_ = true;
  }
  // A FIN within a handshake would break it off.
  fin_waits_ = !peer_ended_ && !channel_.established();
  if (!fin_waits_ && request_.ends.half_close) fin_waits_ = !channel_.end_sending();
  if (fin_waits_) return;
  fin_sent_ = true;
  if ((request_.send_only || request_.ends.with_input) && !request_.quit) arm_quit();
}

// TLS: once the peer has ended, its RST is about our close_notify and nothing else.
bool TcpTalk::only_farewell_refused() const {
  if (last_word_) return true;
  return !channel_.is_plain() && fin_sent_ && report_.sent == 0;
}

void TcpTalk::socket_ready(u32 events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken_ = true;
  // Receiving comes first: what the peer sent before a reset is worth more than the error.
  if ((events & EPOLLIN) != 0 || broken_) receive();
  if (broken_ && peer_ended_ && send_error_ == 0 && !only_farewell_refused())
    send_error_ = net::pending_error(channel_.socket());
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) up_waits_ = false;
  if (!up_.empty() && receive_error_ == 0) send_up();
}

void TcpTalk::receive() {
  if (has_to_write() || peer_ended_ || enough_ || receive_error_ != 0) return;
  const bool drains = drain_.is_open();
  const ssize_t n = drains ? drain_.take(channel_.socket()) : channel_.read(down_.space);
  const int error = n < 0 ? errno : 0;
  if (drains && !drain_.is_open()) return receive();  // it is no way for these two
  if (!drains) down_.hold(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  if (n > 0) {
    moved_ = Clock::now();
    if (report_.received == 0) run_.audience.answered(Transport::tcp, static_cast<std::size_t>(n));
    report_.received += static_cast<u64>(n);
    run_.journal.received(down_.left());
    enough_ = request_.most_reads != 0 && ++reads_ >= request_.most_reads;
    if (request_.telnet) answer_telnet();
    if (request_.send_only) down_.hold(0);
    return write_down();
  }
  if (n == 0) peer_ended_ = true;
  if (n < 0 && error != EAGAIN && error != EINTR) receive_error_ = error;
}

// What waits in the kernel goes on from there. False where there is more to do: the rest is to be
// fetched and written.
bool TcpTalk::drain_down() {
  while (drain_.is_open() && drain_.waiting() > 0) {
    if (drain_.give() > 0) {
      moved_ = Clock::now();
    } else if (errno != EINVAL && errno != EINTR) {
      if (errno != EAGAIN) output_gone(errno);
      return true;
    }
  }
  return drain_.waiting() == 0 && down_.empty();
}

bool TcpTalk::fetch_down() {
  if (down_.empty() && drain_.waiting() > 0)
    down_.hold(static_cast<std::size_t>(std::max<ssize_t>(drain_.read(down_.space), 0)));
  return !down_.empty();
}

void TcpTalk::write_down() {
  if (drain_down()) return;
  while (fetch_down()) {
    const auto n = out_.write(down_.left());
    if (out_.error() != 0) return output_gone(out_.error());
    if (n == 0) return;
    down_.at += n;
    moved_ = Clock::now();
  }
}

// A program that reads no more may still have something to say.
void TcpTalk::output_gone(int error) {
  if (request_.program) {
    down_.hold(0);
  } else if (error == EPIPE) {
    end(Ending::reader_left);
  } else {
    end(Ending::output_lost, error);
  }
}

// The pause behind a line.
void TcpTalk::rest() {
  rests_ = true;
  rest_ = loop_.after(*request_.pace, [this] {
    rests_ = false;
    if (in_.has_more()) read_input();
  });
}

void TcpTalk::answer_telnet() {
  const auto answer = telnet_refusals(down_.left());
  if (answer.empty() || fin_sent_) return;
  up_.space.resize(std::max(up_.space.size(), up_.end + answer.size()));
  std::copy(answer.begin(), answer.end(), up_.space.begin() + static_cast<std::ptrdiff_t>(up_.end));
  up_.end += answer.size();
  send_up();
}

// Ends once nothing can move any more: all that came is written, and either the connection is dead,
// or both sides are closed and the kernel took what was left to send.
void TcpTalk::end_where_done() {
  if (has_to_write()) return;
  if (enough_) return end(Ending::quit);
  if (peer_ended_ && request_.program && !std::exchange(output_told_, true))
    shutdown(request_.output, SHUT_WR);
  const bool done = peer_ended_ && !has_to_send() && !input_wanted();
  if (done && send_error_ == 0 && !only_farewell_refused())
    send_error_ = net::pending_error(channel_.socket());  // an RST just now
  if (receive_error_ == ECONNRESET || (send_error_ == ECONNRESET && peer_ended_))
    return end(Ending::reset, ECONNRESET);
  if (receive_error_ == EPIPE || (send_error_ == EPIPE && peer_ended_))
    return end(Ending::rest_refused, EPIPE);
  if (receive_error_ != 0) return end(Ending::error, receive_error_);
  if (!peer_ended_) return;
  if (send_error_ != 0) return end(Ending::error, send_error_);
  if (done && channel_.cut_off() && !request_.ends.at_bare_fin) return end(Ending::error, EPROTO);
  if (done) end(Ending::fin);
}

void TcpTalk::arm_idle() {
  const auto left = moved_ + *limit() - Clock::now();
  if (left <= 0ns) return end(Ending::idle);
  idle_ = loop_.after(left, [this] { arm_idle(); });
}

void TcpTalk::arm_quit() {
  if (request_.quit) {
    quit_ = loop_.after(*request_.quit, [this] { end(Ending::quit); });
    return;
  }
  const auto left = moved_ + (request_.ends.with_input ? short_farewell : farewell) - Clock::now();
  if (left <= 0ns) return end(Ending::quit);
  quit_ = loop_.after(left, [this] { arm_quit(); });
}

void TcpTalk::end(Ending ending, int error) {
  if (std::exchange(over_, true)) return;
  report_.ending = ending;
  report_.error = error;
}

}  // namespace trama::connect
