#include "connect/dial.h"

#include <sys/epoll.h>

#include <cerrno>

#include "base/clock.h"
#include "base/say.h"
#include "host/port_holder.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;
using Clock = net::Loop::Clock;

// Waits for the outcome of a connect(2) under way: its errno, 0 once connected, EINTR on Ctrl-C.
int outcome(net::Loop& loop, int socket, const Request& request, const bool& interrupted) {
  bool told = false;
  bool late = false;
  std::optional<net::Loop::Timer> limit;
  if (request.wait) limit = loop.after(*request.wait, [&] { late = true; });
  net::Interest interest{loop, socket, [&](u32) { told = true; }};
  interest.want(EPOLLOUT);
  while (!told && !late && !interrupted) loop.run_once(1min);
  if (limit) loop.cancel(*limit);
  if (told) return net::pending_error(socket);
  return late ? ETIMEDOUT : EINTR;
}

Result<Fd> dial_one(net::Loop& loop, const Request& request, const Endpoint& peer,
                    const bool& interrupted) {
  const auto source = source_for(request, peer);
  if (!source) return fail(source);
  auto socket = outgoing_from(Transport::tcp, peer.address.v6, *source);
  if (!socket) return socket;
  const auto since = Clock::now();
  int error = net::start_connect(socket->get(), peer);
  if (error == EINPROGRESS) error = outcome(loop, socket->get(), request, interrupted);
  // A port of the ephemeral range can meet itself (simultaneous open, RFC 9293 section 3.5): nobody
  // listens there.
  if (error == 0 && net::local_of(socket->get()) == peer) error = ECONNREFUSED;
  if (error == EINTR && interrupted) return fail(Exit::interrupted, {}, EINTR);
  if (error != 0) return tl::make_unexpected(connect_error(peer, error, Clock::now() - since));
  return socket;
}

}  // namespace

Result<std::optional<Endpoint>> source_for(const Request& request, const Endpoint& peer) {
  if (!request.source_address) {
    if (request.source_port == 0) return std::nullopt;
    return Endpoint{.address = {.v6 = peer.address.v6}, .port = request.source_port};
  }
  if (request.source_address->v6 != peer.address.v6)
    return fail(Exit::bad_input, say("source address {} and {} are not of one family",
                                     to_string(*request.source_address), to_string(peer.address)));
  return Endpoint{.address = *request.source_address, .port = request.source_port};
}

Result<Fd> outgoing_from(Transport transport, bool v6, const std::optional<Endpoint>& source) {
  auto socket = net::outgoing(transport, v6, source);
  if (socket || !source || socket.error().number != EADDRINUSE) return socket;
  const auto name = fmt::format("{} {}", net::name_of(transport), to_string(*source));
  const auto holder = host::holder_of(transport, *source);
  socket.error().sentence =
      holder.empty()
          ? say("{} is taken by another socket: choose another port with -p", name)
          : say("{} is taken by {}: stop that, or choose another port with -p", name, holder);
  return socket;
}

Error connect_error(const Endpoint& peer, int number, std::chrono::nanoseconds waited) {
  const auto name = to_string(peer);
  switch (number) {
    case ECONNREFUSED:
      return {say("{} refused the connection (RST): no program listens there", name), number};
    case ETIMEDOUT:
      return {say("{} timed out: no answer to SYN within {}", name, lasted(waited)), number};
    case EHOSTUNREACH:
      return {
          say("no route to {}: the host is unreachable (no answer to ARP, or ICMP said so)", name),
          number};
    case ENETUNREACH:
      return {say("no route to {}: this machine knows no way to that network (\"ip route\" lists "
                  "them)",
                  name),
              number};
    case EACCES:
    case EPERM:
      return {say("{} is forbidden: by a firewall rule of this machine, or as a broadcast address",
                  name),
              number};
    case ECONNRESET:
      return {say("{} reset the connection (RST) while it was opened", name), number};
    case EADDRNOTAVAIL:
      return {say("no local port is free for {}, or that source port is in use", name), number};
    default:
      return {say("cannot connect to {}: {}", name, errno_text(number)), number};
  }
}

Result<Fd> dial(net::Loop& loop, const Request& request, std::span<const Endpoint> peers,
                const bool& interrupted, Audience& audience, Next after_last) {
  Result<Fd> socket = fail(Exit::no, say("\"{}\" has no address", request.host));
  for (const Endpoint& peer : peers) {
    const auto since = Clock::now();
    socket = dial_one(loop, request, peer, interrupted);
    if (socket) {
      audience.ready(Transport::tcp, peer, net::local_of(socket->get()), Clock::now() - since);
      return socket;
    }
    if (socket.error().exit == Exit::interrupted) return socket;
    audience.failed(Transport::tcp, peer, socket.error(),
                    &peer == &peers.back() ? after_last : Next::address);
  }
  return socket;
}

}  // namespace trama::connect
