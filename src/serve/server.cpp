#include "serve/server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/say.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

// Connections taken in one round, so that a crowd at the door does not stop those inside.
constexpr unsigned accepts_a_round = 64;

// With all descriptors in use, a closing connection frees one; others' processes do not tell.
constexpr auto full_again = 1s;

tl::unexpected<Error> not_opened(const Place& place, Error error, const Settings& settings) {
  if (error.number == EADDRINUSE) {
    const auto name = fmt::format("{} {}", net::name_of(place.transport), to_string(place.at));
    const auto holder =
        settings.holder ? settings.holder(place.transport, place.at) : std::string{};
    error.sentence =
        holder.empty() ? say("{} is taken by another socket: choose another port", name)
                       : say("{} is taken by {}: stop that, or choose another port", name, holder);
  }
  return tl::make_unexpected(std::move(error));
}

void add(Traffic& sum, const Traffic& more) {
  sum.messages += more.messages;
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(net::Loop& loop, std::span<const Place> places,
                                             Settings settings, Audience& audience) {
  std::unique_ptr<Server> server{
      new Server{loop, std::move(settings), audience}
  };
  for (const Place& place : places) {
    auto socket = net::listen_at(place.transport, place.at);
    if (!socket) return not_opened(place, socket.error(), server->settings_);
    const int fd = socket->get();
    Result<void> watched;
    if (place.transport == Transport::tcp) {
      server->listeners_.push_back(std::move(*socket));
      watched = loop.watch(fd, EPOLLIN, [s = server.get(), fd](u32) { s->accept_from(fd); });
    } else {
      auto& port = server->udp_.emplace_back(
          std::make_unique<UdpPort>(std::move(*socket), server->next_number_));
      watched = loop.watch(fd, EPOLLIN, [s = server.get(), p = port.get()](u32) {
        p->ready(s->space_, s->audience_);
      });
    }
    if (!watched) return fail(watched);
  }
  for (const Fd& listener : server->listeners_)
    audience.listening(Transport::tcp, net::local_of(listener.get()));
  for (const auto& port : server->udp_) audience.listening(Transport::udp, port->local());
  return server;
}

Server::~Server() {
  for (const auto& [fd, connection] : connections_) {
    if (connection->closes) loop_.cancel(*connection->closes);
    loop_.forget(fd);
  }
  for (const Fd& listener : listeners_) loop_.forget(listener.get());
  for (const auto& port : udp_) loop_.forget(port->fd());
}

void Server::run() {
  while (running_ && audience_.round_over()) loop_.run_once(1min);
  audience_.ended(summary());
  audience_.round_over();
}

Summary Server::summary() const {
  Summary sum{.connections = accepted_, .still_open = connections_.size(), .traffic = closed_};
  for (const auto& [fd, connection] : connections_) add(sum.traffic, connection->client.traffic());
  for (const auto& port : udp_) {
    add(sum.traffic, port->traffic());
    sum.udp_clients += port->senders();
    sum.unanswered += port->unanswered();
  }
  sum.time = std::chrono::steady_clock::now() - since_;
  return sum;
}

void Server::accept_from(int listener) {
  for (unsigned i = 0; i < accepts_a_round; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Fd socket{
        accept4(listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket.is_open()) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        listen_to(false);
      if (errno == ECONNABORTED || errno == EINTR) continue;  // that one left before its turn
      return;
    }
    ++accepted_;
    const int fd = socket.get();
    const Client who{next_number_++, Transport::tcp, to_endpoint(from), net::local_of(fd)};
    auto& place = connections_[fd];
    place = std::make_unique<Connection>(Connection{
        {std::move(socket),  who},
        EPOLLIN, {                  }
    });
    Connection* connection = place.get();
    audience_.connected(who);
    const auto watched =
        loop_.watch(fd, EPOLLIN, [this, connection](u32 events) { serve(*connection, events); });
    if (!watched) close(*connection, Ending::error);  // the kernel has no memory for it
  }
}

void Server::listen_to(bool on) {
  if (accepts_ == on) return;
  accepts_ = on;
  for (const Fd& listener : listeners_) loop_.change(listener.get(), on ? u32{EPOLLIN} : 0U);
  if (on) return;
  if (!std::exchange(told_full_, true)) audience_.descriptors_ran_out(connections_.size());
  if (!std::exchange(retry_waits_, true))
    loop_.after(full_again, [this] {
      retry_waits_ = false;
      listen_to(true);
    });
}

void Server::serve(Connection& connection, u32 events) {
  TcpClient& client = connection.client;
  switch (client.ready(events, space_, audience_)) {
    case TcpClient::State::over:
      return close(connection, client.ending());
    case TcpClient::State::answered_all:
      if (settings_.close_after == 0ns) return close(connection, Ending::fin);
      if (!connection.closes)
        connection.closes = loop_.after(settings_.close_after, [this, c = &connection] {
          c->closes.reset();
          close(*c, Ending::fin);
        });
      break;
    case TcpClient::State::open:
      break;
  }
  if (const u32 wanted = client.wanted(); wanted != connection.waits_for) {
    loop_.change(client.fd(), wanted);
    connection.waits_for = wanted;
  }
}

// The connection is gone afterwards: callers return at once.
void Server::close(Connection& connection, Ending ending) {
  const TcpClient& client = connection.client;
  if (connection.closes) loop_.cancel(*connection.closes);
  audience_.disconnected(client.who(), ending, client.error(), client.traffic(), client.age());
  add(closed_, client.traffic());
  loop_.forget(client.fd());
  connections_.erase(client.fd());
  listen_to(true);
}

}  // namespace trama::serve
