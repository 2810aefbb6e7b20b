#include "load/stream_load.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "load/opening.h"

namespace trama::load {
namespace {

constexpr std::size_t most_read = std::size_t{128} * 1024;  // bytes
constexpr std::size_t room_keeps = 16;  // windows: readers of a room are not equally far

u32 different(const Plan& plan) {
  constexpr std::size_t ring = std::size_t{64} * 1024;  // bytes, so that they stay in the cache
  return static_cast<u32>(std::clamp<std::size_t>(ring / plan.size, 2, 64));
}

}  // namespace

StreamLoad::StreamLoad(const Plan& plan, Poller& poller, Report& report)
    : plan_(plan),
      poller_(poller),
      report_(report),
      texts_(plan.size, different(plan), plan.expect),
      kept_(plan.window * (plan.expect == Expect::room ? room_keeps : 1)),
      space_(most_read) {}

void StreamLoad::run() {
  connections_.reserve(plan_.connections);
  open_connections(plan_, poller_, report_,
                   [this](Fd socket) { connections_.push_back({.socket = std::move(socket)}); });
  if (connections_.empty() || poller_.interrupted()) return;
  const bool room = plan_.expect == Expect::room;
  alive_ = static_cast<u32>(connections_.size());
  senders_ = room ? 1 : alive_;
  readers_ = room ? alive_ - 1 : 0;
  begun_at_.resize(kept_ * senders_);
  for (u32 i = 0; i < alive_; ++i) {
    auto& connection = connections_[i];
    connection.sends = !room || i + 1 == alive_;
    connection.sender = room ? 0 : i;
    if (const int error = poller_.add(connection.socket.get(), EPOLLIN, i); error != 0)
      lose(connection, error);
  }
  const i64 start = now();
  pace_ = {start, plan_.duration.count(), plan_.rate, senders_};
  load(pace_.end());
  // A load that was held up until its end owes what fell due meanwhile.
  if (pace_.is_open_loop() && alive_ > 0) release_due(now());
  report_.time = now() - start;
  stops_ = true;
  if (!poller_.interrupted() && !is_over()) {
    load(now() + plan_.patience.count());
    if (is_over()) report_.time = now() - start;  // the last answer has just come
  }
  count_rest();
}

void StreamLoad::load(i64 end) {
  if (!pace_.is_open_loop() && !stops_)
    for (auto& connection : connections_) pump(connection);
  for (i64 time = now(); time < end && alive_ > 0 && !poller_.interrupted(); time = now()) {
    if (stops_ && is_over()) return;
    if (pace_.is_open_loop() && !stops_) release_due(time);
    for (const auto& event : poller_.wait(rest(now(), end)))
      handle(connections_[event.data.u64], event.events);
  }
}

// Gives each message that is due by now to its sender.
void StreamLoad::release_due(i64 time) {
  for (const u64 due = pace_.due(time); released_ < due; ++released_) {
    auto& connection = senders_ == 1 ? writer() : connections_[released_ % senders_];
    ++connection.due;
    pump(connection);
  }
}

i64 StreamLoad::rest(i64 time, i64 end) const {
  if (pace_.is_open_loop() && !stops_) end = std::min(end, pace_.time_of(released_));
  return end - time;
}

void StreamLoad::handle(Connection& connection, u32 events) {
  if (!connection.socket.is_open()) return;  // lost in this very round
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) receive(connection);
  if (connection.socket.is_open() && (events & EPOLLOUT) != 0) pump(connection);
}

void StreamLoad::receive(Connection& connection) {
  const ssize_t n = recv(connection.socket.get(), space_.data(), space_.size(), MSG_DONTWAIT);
  if (n > 0) return take(connection, Bytes{space_}.first(static_cast<std::size_t>(n)));
  if (n == 0) return lose(connection, report_.closed);
  if (errno != EAGAIN && errno != EINTR) lose(connection, errno);
}

void StreamLoad::take(Connection& connection, Bytes bytes) {
  report_.bytes_in += bytes.size();
  if (!is_right(connection, bytes)) return lose(connection, report_.wrong);
  connection.got += bytes.size();
  if (plan_.expect == Expect::none) return;
  const i64 time = now();
  const u64 before = connection.answered;
  const u64 after = plan_.expect == Expect::any
                        ? before + static_cast<u64>(std::count(bytes.begin(), bytes.end(), '\n'))
                        : connection.got / plan_.size;
  for (; connection.answered < after; ++connection.answered)
    record(connection, connection.answered, time);
  if (plan_.expect == Expect::room) {
    delivered_ += after - before;
    if (after > before) pump(writer());
  } else {
    pump(connection);
  }
}

// Whether this is what was to come next.
bool StreamLoad::is_right(const Connection& connection, Bytes bytes) const {
  switch (plan_.expect) {
    case Expect::none:
      return true;
    case Expect::any:
      return static_cast<u64>(std::count(bytes.begin(), bytes.end(), '\n')) <=
             connection.begun - connection.answered;
    case Expect::room:
      return !connection.sends && connection.got + bytes.size() <= writer().sent &&
             texts_.are_answers(connection.got, bytes);
    case Expect::upper:
    case Expect::echo:
      break;
  }
  return connection.got + bytes.size() <= connection.sent &&
         texts_.are_answers(connection.got, bytes);
}

void StreamLoad::record(const Connection& connection, u64 message, i64 time) {
  ++report_.answered;
  const Connection& sender = plan_.expect == Expect::room ? writer() : connection;
  if (message + kept_ < sender.begun) return;  // a reader of a room that is far behind
  const i64 begun = begun_at_[sender.sender * kept_ + message % kept_];
  report_.service.record(time - begun);
  report_.latency.record(time -
                         (pace_.is_open_loop() ? pace_.time_of(message, sender.sender) : begun));
}

// How many messages may have been begun by now.
u64 StreamLoad::may_begin(const Connection& connection) const {
  if (stops_ || !connection.sends) return connection.begun;
  u64 base = connection.answered;
  if (plan_.expect == Expect::none) base = connection.sent / plan_.size;
  if (plan_.expect == Expect::room) base = readers_ == 0 ? 0 : delivered_ / readers_;
  const u64 most = base + plan_.window;
  return pace_.is_open_loop() ? std::min(most, connection.due) : most;
}

void StreamLoad::pump(Connection& connection) {
  if (!connection.socket.is_open()) return;
  if (const u64 may = may_begin(connection); connection.begun < may) {
    const i64 time = now();
    for (; connection.begun < may; ++connection.begun)
      begun_at_[connection.sender * kept_ + connection.begun % kept_] = time;
  }
  const u64 wanted = connection.begun * plan_.size;
  while (connection.sent < wanted) {
    const auto part = texts_.questions(
        connection.sent, std::min<u64>(wanted - connection.sent, texts_.size() * texts_.count()));
    const ssize_t n =
        send(connection.socket.get(), part.data(), part.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) return lose(connection, errno);
    connection.sent += static_cast<u64>(std::max<ssize_t>(n, 0));
    if (n < static_cast<ssize_t>(part.size())) break;
  }
  // Where no answer says when to go on, the socket does.
  wait_to_write(connection, connection.sent < wanted || (plan_.expect == Expect::none && !stops_ &&
                                                         connection.begun < may_begin(connection)));
}

void StreamLoad::wait_to_write(Connection& connection, bool on) {
  if (connection.blocked == on) return;
  connection.blocked = on;
  poller_.change(connection.socket.get(), on ? EPOLLIN | EPOLLOUT : EPOLLIN,
                 static_cast<u64>(&connection - connections_.data()));
}

void StreamLoad::lose(Connection& connection, u64& counter) {
  ++counter;
  connection.socket.close();
  --alive_;
  if (plan_.expect != Expect::room || connection.sends) return;
  --readers_;
  delivered_ -= connection.answered;
}

void StreamLoad::lose(Connection& connection, int error) {
  u64 counted = 0;
  report_.count_error(error);
  lose(connection, counted);
}

bool StreamLoad::is_over() const {
  if (plan_.expect == Expect::none) return true;
  if (plan_.expect == Expect::room) return readers_ == 0 || delivered_ == readers_ * writer().begun;
  return std::all_of(connections_.begin(), connections_.end(), [](const Connection& connection) {
    return !connection.socket.is_open() || connection.answered == connection.begun;
  });
}

void StreamLoad::count_rest() {
  u64 awaited = 0;
  for (const auto& connection : connections_) {
    report_.bytes_out += connection.sent;
    report_.sent += connection.sent / plan_.size;
    awaited += connection.sends ? connection.sent / plan_.size : 0;
    if (pace_.is_open_loop()) report_.unsent += connection.due - connection.begun;
  }
  if (plan_.expect == Expect::none) return;
  if (plan_.expect == Expect::room) awaited *= connections_.size() - 1;
  report_.unanswered = awaited - std::min(awaited, report_.answered);
}

}  // namespace trama::load
