#include "serve/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/unix_socket.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

// Connections taken in one round, so that a crowd at the door does not stop those inside.
constexpr unsigned accepts_a_round = 64;

// With all descriptors in use, a closing connection frees one; others' processes do not tell.
constexpr auto full_again = 1s;

// How long the server waits for the client's FIN after its own.
constexpr auto farewell = 2s;
constexpr auto last_farewell = 500ms;  // when it ends

// Who came, without a number.
Client client_of(const Listener& listener, int socket, const sockaddr_storage& from) {
  Client client{.transport = listener.place.transport};
  if (net::is_unix(client.transport)) {
    client.unix_peer = net::peer_process(socket);
    client.unix_local = listener.place.path;
  } else {
    client.peer = to_endpoint(from);
    client.local = net::local_of(socket);
  }
  return client;
}

void add(Traffic& sum, const Traffic& more) {
  sum.messages += more.messages;
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
  sum.dropped += more.dropped;
}

}  // namespace

Server::Server(net::Loop& loop, Settings settings, Audience& audience)
    : loop_(loop),
      settings_(std::move(settings)),
      audience_(audience),
      door_(std::move(settings_.limits)),
      arrivals_(loop, [this](Fd socket, Client who, std::optional<Refusal> refusal) {
        if (!refusal) return enter(std::move(socket), std::move(who));
        refuse(socket, who, *refusal);
        socket.close();
        listen_to(true);
      }) {
  hall_.loop = &loop;
  hall_.audience = &audience;
  if (!settings_.program.empty())
    programs_ =
        std::make_unique<Programs>(loop, audience, settings_.program, door_.limits().clients);
  hall_.programs = programs_.get();
  hall_.destinations = &settings_.destinations;
  hall_.login = settings_.login ? &*settings_.login : nullptr;
  hall_.request_takes = settings_.request;
  hall_.root = settings_.root ? &*settings_.root : nullptr;
  hall_.max_line = settings_.max_line;
  hall_.file = settings_.file.get();
}

Result<std::unique_ptr<Server>> Server::open(net::Loop& loop, std::vector<Listener> listeners,
                                             Settings settings, Audience& audience) {
  std::unique_ptr<Server> server{
      new Server{loop, std::move(settings), audience}
  };
  Server* s = server.get();
  if (!s->settings_.destinations.empty()) {
    auto lookups = net::Lookups::make(loop);
    if (!lookups) return fail(lookups);
    s->lookups_ = std::move(*lookups);
    s->hall_.lookups = s->lookups_.get();
  }
  for (Listener& listener : listeners) {
    const int fd = listener.socket.get();
    Result<void> watched;
    audience.listening(listener.place);
    if (net::is_stream(listener.place.transport)) {
      auto& door = s->listeners_.emplace_back(std::make_unique<Listener>(std::move(listener)));
      watched = loop.watch(fd, EPOLLIN, [s, d = door.get()](u32) { s->accept_from(*d); });
    } else {
      if (!s->batch_) s->batch_ = std::make_unique<DatagramBatch>();
      s->files_.push_back(std::move(listener.file));
      auto& port = s->udp_.emplace_back(
          std::make_unique<DatagramPort>(std::move(listener.socket), std::move(listener.place),
                                         s->next_number_, *s->settings_.mode, s->hall_, s->door_));
      watched =
          loop.watch(fd, EPOLLIN, [s, p = port.get()](u32) { p->ready(*s->batch_, s->audience_); });
    }
    if (!watched) return fail(watched);
  }
  if (server->settings_.mode->meets && !server->udp_.empty()) server->forget_silent_peers();
  if (server->settings_.idle > 0ns) server->close_idle();
  return server;
}

Server::~Server() {
  for (const auto& [fd, connection] : connections_) connection->client.leave();
  for (const auto& [fd, connection] : connections_) {
    cancel_timers(*connection);
    loop_.forget(fd);
  }
  for (const auto& listener : listeners_) loop_.forget(listener->socket.get());
  for (const auto& port : udp_) loop_.forget(port->fd());
}

void Server::run() {
  while (running_) {
    audience_.round_over();
    loop_.run_once(1min);
    flush_those_behind();
  }
  for (const auto& [fd, connection] : connections_) {
    const StreamClient& client = connection->client;
    audience_.left_open(client.who(), client.traffic(), client.age());
  }
  if (programs_) {  // meanwhile nobody comes in, and nobody leaves
    for (const auto& listener : listeners_) loop_.forget(listener->socket.get());
    for (const auto& [fd, connection] : connections_) loop_.forget(fd);
    programs_->end_all(!hall_.closes ? last_farewell : done_ ? settings_.drain : 0ns);
  }
  audience_.ended(summary());
  audience_.round_over();
}

Summary Server::summary() const {
  Summary sum{.connections = accepted_,
              .still_open = connections_.size(),
              .refused = refused_,
              .traffic = closed_};
  for (const auto& [fd, connection] : connections_) add(sum.traffic, connection->client.traffic());
  for (const auto& port : udp_) {
    add(sum.traffic, port->traffic());
    sum.udp_clients += port->peers();
    sum.unanswered += port->unanswered();
    sum.refused += port->refused();
  }
  sum.time = std::chrono::steady_clock::now() - since_;
  return sum;
}

unsigned Server::accept_from(const Listener& listener) {
  unsigned came = 0;
  for (; came < accepts_a_round; ++came) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Fd socket{accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&from), &size,
                      SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket.is_open()) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        listen_to(false);
      if (errno == ECONNABORTED || errno == EINTR) continue;  // that one left before its turn
      break;
    }
    Client who = client_of(listener, socket.get(), from);
    if (settings_.proxies)
      arrive(std::move(socket), std::move(who));
    else
      enter(std::move(socket), std::move(who));
  }
  return came;
}

// From a proxy: whom it brings is not known yet, so that the door's rules for addresses come later.
void Server::arrive(Fd socket, Client who) {
  const auto address = who.address();
  const bool trusted = !address || std::any_of(settings_.proxies->begin(), settings_.proxies->end(),
                                               [&](const Cidr& c) { return c.contains(*address); });
  if (!trusted) return refuse(socket, who, Refusal::untrusted);
  if (const u64 most = door_.limits().clients; most != 0 && inside() >= most)
    return refuse(socket, who, Refusal::full);
  arrivals_.add(std::move(socket), std::move(who));
}

void Server::enter(Fd socket, Client who) {
  if (const auto refusal = door_.enter(who.address(), inside()))
    refuse(socket, who, *refusal);
  else
    let_in(std::move(socket), std::move(who));
}

// Who is kept out by its address hears nothing; the others are told why, but where they expect TLS.
void Server::refuse(const Fd& socket, const Client& who, Refusal why) {
  ++refused_;
  audience_.refused(who, why);
  if (why == Refusal::denied || why == Refusal::untrusted || settings_.tls) return;
  const auto sentence = refusal_text(why) + '\n';
  send(socket.get(), sentence.data(), sentence.size(), MSG_NOSIGNAL);
  shutdown(socket.get(), SHUT_WR);
  discard_unread(socket.get());
}

// Unread bytes would make the kernel send RST at close, which overtakes what was sent.
void Server::discard_unread(int socket) {
  recv(socket, space_.data(), space_.size(), MSG_DONTWAIT);
}

void Server::let_in(Fd socket, Client who) {
  const int fd = socket.get();
  constexpr int on = 1;  // small texts of many are not to wait for each other's ACKs
  const auto& mode = *settings_.mode;
  if ((mode.meets || mode.two_way) && !who.is_by_unix_socket())
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto tls = settings_.tls ? settings_.tls->session(fd) : nullptr;
  if (settings_.tls && !tls) return door_.leave(who.address());  // no memory: as if it never came
  ++accepted_;
  who.number = next_number_++;
  Allowance* allowance = door_.allowance_of(who.address());
  auto& place = connections_[fd];
  place = std::make_unique<Connection>(std::move(socket), std::move(who), settings_.queueing,
                                       behind_, allowance, std::move(tls));
  Connection* connection = place.get();
  audience_.connected(connection->client.who());
  if (!watch(*connection, EPOLLIN))
    return close(*connection, Ending::error);  // the kernel has no memory for it
  connection->client.join(*settings_.mode, hall_);
  if (!connection->client.greeted())
    connection->greets = loop_.after(settings_.handshake, [this, connection] {
      connection->greets.reset();
      if (!connection->client.greeted()) close(*connection, Ending::handshake_late);
    });
}

std::optional<Result<void>> Server::reload_certificate() {
  if (!settings_.tls || !settings_.tls->has_files()) return {};
  auto reloaded = settings_.tls->reload();
  if (reloaded) audience_.certificate(settings_.tls->fingerprint());
  return reloaded;
}

void Server::listen_to(bool on) {
  if (accepts_ == on) return;
  accepts_ = on;
  for (const auto& listener : listeners_)
    loop_.change(listener->socket.get(), on ? u32{EPOLLIN} : 0U);
  if (on) return;
  if (!std::exchange(told_full_, true)) audience_.descriptors_ran_out(connections_.size());
  if (!std::exchange(retry_waits_, true))
    loop_.after(full_again, [this] {
      retry_waits_ = false;
      listen_to(true);
    });
}

void Server::serve(Connection& connection, u32 events) {
  follow(connection, connection.client.ready(events, space_, audience_));
}

// Does what the client's state asks for; the connection may be gone afterwards.
void Server::follow(Connection& connection, StreamClient::State state) {
  const StreamClient& client = connection.client;
  switch (state) {
    case StreamClient::State::over:
      return close(connection, client.ending());
    case StreamClient::State::answered_all:
      if (settings_.close_after == 0ns) return close(connection, Ending::fin);
      close_in(connection, settings_.close_after, Ending::fin);
      break;
    case StreamClient::State::parting:
      if (client.ending() == Ending::not_started) {  // descriptors may be what is missing
        discard_unread(client.fd());
        return close(connection, Ending::not_started);
      }
      close_in(connection, hall_.closes ? last_farewell : farewell, client.ending());
      break;
    case StreamClient::State::open:
      break;
  }
  if (client.rests() && !connection.rests)
    connection.rests = loop_.after(client.rest(), [this, c = &connection] {
      c->rests.reset();
      c->client.resume();
      follow(*c, c->client.ready(0, space_, audience_));
    });
  const u32 wanted = client.wanted();
  if (client.is_hung()) {
    if (std::exchange(connection.watched, false)) loop_.forget(client.fd());
  } else if (!connection.watched) {
    if (!watch(connection, wanted)) return close(connection, Ending::error);
  } else if (wanted != connection.waits_for) {
    loop_.change(client.fd(), wanted);
    connection.waits_for = wanted;
  }
}

Result<void> Server::watch(Connection& connection, u32 events) {
  connection.watched = true;
  connection.waits_for = events;
  return loop_.watch(connection.client.fd(), events,
                     [this, c = &connection](u32 ready) { serve(*c, ready); });
}

void Server::close_in(Connection& connection, std::chrono::nanoseconds time, Ending ending) {
  if (connection.closes) return;
  connection.closes = loop_.after(time, [this, c = &connection, ending] {
    c->closes.reset();
    close(*c, ending);
  });
}

// A client that leaves here may make others talk about it: they come onto the list, too.
void Server::flush_those_behind() {
  // NOLINTNEXTLINE(modernize-loop-convert): it grows meanwhile
  for (std::size_t i = 0; i < behind_.size(); ++i) {
    StreamClient* client = behind_[i];
    if (client == nullptr) continue;
    behind_[i] = nullptr;
    auto state = client->flush(audience_);
    if (client->has_unread()) state = client->ready(0, space_, audience_);
    follow(*connections_.at(client->fd()), state);
  }
  behind_.clear();
}

void Server::forget_silent_peers() {
  const auto then = std::chrono::steady_clock::now() - settings_.peer_stays;
  for (const auto& port : udp_) port->forget_silent_since(then);
  loop_.after(std::clamp<std::chrono::nanoseconds>(settings_.peer_stays / 8, 10ms, 1s),
              [this] { forget_silent_peers(); });
}

void Server::cancel_timers(Connection& connection) {
  for (const auto& timer : {connection.closes, connection.greets, connection.rests})
    if (timer) loop_.cancel(*timer);
}

// The connection is gone afterwards: callers return at once.
void Server::close(Connection& connection, Ending ending) {
  StreamClient& client = connection.client;
  cancel_timers(connection);
  client.leave();
  door_.leave(client.who().address());
  std::replace(behind_.begin(), behind_.end(), &client, static_cast<StreamClient*>(nullptr));
  audience_.disconnected(client.who(), ending, client.error(), client.traffic(), client.age());
  add(closed_, client.traffic());
  loop_.forget(client.fd());
  connections_.erase(client.fd());
  listen_to(true);
}

}  // namespace trama::serve
