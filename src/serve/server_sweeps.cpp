// What the server does from time to time with all of its connections: it closes idle ones, and when
// it ends, quiet ones.
#include <sys/epoll.h>

#include <algorithm>

#include "serve/server.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

constexpr unsigned sweeps_to_idle = 4;  // within the time of --idle
constexpr auto drain_sweep = 50ms;
constexpr unsigned sweeps_to_quiet = 2;      // while draining: what was on its way has come by then
constexpr unsigned rounds_of_the_last = 64;  // of accepting and reading datagrams, when it ends

}  // namespace

void Server::close_idle() {
  if (hall_.closes) return;  // close_quiet() does it from now on
  std::vector<Connection*> idle;
  for (const auto& [fd, connection] : connections_)
    if (connection->quiet_sweeps() >= sweeps_to_idle) idle.push_back(connection.get());
  for (Connection* connection : idle) close(*connection, Ending::idle);
  loop_.after(std::max<std::chrono::nanoseconds>(settings_.idle / sweeps_to_idle, 1ms),
              [this] { close_idle(); });
}

void Server::drain() {
  if (std::exchange(hall_.closes, true)) return;
  // Connections that the kernel has completed, and datagrams that it has taken, came in time.
  for (const auto& listener : listeners_) {
    for (unsigned i = 0; i < rounds_of_the_last && accept_from(*listener) > 0; ++i) {
    }
    loop_.forget(listener->socket.get());
  }
  listeners_.clear();
  arrivals_.finish();
  for (const auto& port : udp_) {
    for (unsigned i = 0; i < rounds_of_the_last && port->ready(*batch_, audience_); ++i) {
    }
    loop_.forget(port->fd());
  }
  if (connections_.empty()) return end();
  audience_.draining(connections_.size(), settings_.drain);
  loop_.after(settings_.drain, [this] { stop(); });
  for (const auto& [fd, connection] : connections_) connection->counts_as_busy();
  close_quiet();
}

// A connection is quiet when it has all of its answers, and nothing moved for some sweeps.
void Server::close_quiet() {
  std::vector<Connection*> quiet;
  for (const auto& [fd, connection] : connections_)
    if (connection->quiet_sweeps() >= sweeps_to_quiet && connection->client.has_all() &&
        !connection->client.rests())
      quiet.push_back(connection.get());
  for (Connection* connection : quiet) {
    if (connection->client.drains()) continue;
    connection->client.part(Ending::drained);
    follow(*connection, connection->client.flush(audience_));
  }
  if (connections_.empty()) return end();
  loop_.after(drain_sweep, [this] { close_quiet(); });
}

}  // namespace trama::serve
