#include "load/accept_load.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "load/opening.h"

namespace trama::load {
namespace {

// Closes with RST: FIN would keep the port for a minute (TIME_WAIT), and there are 28,000.
void close_at_once(Fd& socket) {
  constexpr linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket.close();
}

}  // namespace

AcceptLoad::AcceptLoad(const Plan& plan, Poller& poller, Report& report)
    : plan_(plan),
      poller_(poller),
      report_(report),
      texts_(plan.size, 1, plan.expect),
      places_(plan.connections),
      space_(plan.size + 1) {}

void AcceptLoad::run() {
  const i64 start_time = now();
  const i64 end = start_time + plan_.duration.count();
  alive_ = plan_.connections;
  for (auto& place : places_) start(place);
  for (i64 time = now(); time < end && alive_ > 0 && !poller_.interrupted(); time = now())
    for (const auto& event : poller_.wait(end - time)) handle(places_[event.data.u64]);
  report_.time = now() - start_time;
  report_.opening = report_.time;
  if (poller_.interrupted()) return;
  for (const auto& place : places_)
    if (place.socket.is_open() && now() - place.begun > plan_.patience.count()) {
      ++report_.timed_out;
      report_.unanswered += place.open ? 1 : 0;
    }
}

void AcceptLoad::start(Place& place) {
  int error = 0;
  place = {};
  place.socket = start_connection(plan_, error);
  place.begun = now();
  if (error != 0 && error != EINPROGRESS) return retire(place, error);
  error = poller_.add(place.socket.get(), EPOLLOUT, static_cast<u64>(&place - places_.data()));
  if (error != 0) retire(place, error);
}

void AcceptLoad::handle(Place& place) {
  if (!place.socket.is_open()) return;
  if (!place.open) {
    if (const int error = net::pending_error(place.socket.get()); error != 0)
      return retire(place, error);
    place.open = true;
    ++report_.opened;
    if (plan_.expect == Expect::none) return finish(place);
    poller_.change(place.socket.get(), EPOLLIN, static_cast<u64>(&place - places_.data()));
    const auto text = texts_.question(0);
    const ssize_t n = send(place.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n < static_cast<ssize_t>(text.size())) return retire(place, n < 0 ? errno : ENOBUFS);
    ++report_.sent;
    report_.bytes_out += text.size();
    return;
  }
  const ssize_t n = recv(place.socket.get(), space_.data(), space_.size(), MSG_DONTWAIT);
  if (n > 0) return take(place, Bytes{space_}.first(static_cast<std::size_t>(n)));
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n < 0) return retire(place, errno);
  ++report_.closed;
  retire(place, 0);
}

void AcceptLoad::take(Place& place, Bytes bytes) {
  report_.bytes_in += bytes.size();
  const bool any = plan_.expect == Expect::any;
  const bool fits = place.got + bytes.size() <= plan_.size;
  if (!any && !(fits && texts_.are_answers(place.got, bytes))) {
    ++report_.wrong;
    return retire(place, 0);
  }
  place.got += bytes.size();
  const bool line = std::find(bytes.begin(), bytes.end(), '\n') != bytes.end();
  if (any ? !line : place.got < plan_.size) return;
  ++report_.answered;
  finish(place);
}

void AcceptLoad::finish(Place& place) {
  const i64 time = now() - place.begun;
  report_.latency.record(time);
  report_.service.record(time);
  close_at_once(place.socket);
  start(place);
}

void AcceptLoad::retire(Place& place, int error) {
  if (error != 0) report_.count_error(error);
  place = {};
  --alive_;
}

}  // namespace trama::load
