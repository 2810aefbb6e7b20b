#include "connect/session.h"

#include <cerrno>
#include <csignal>

#include "base/clock.h"
#include "base/say.h"
#include "connect/dial.h"
#include "connect/tcp_talk.h"
#include "connect/tell.h"
#include "connect/udp_talk.h"

namespace trama::connect {
namespace {

// A loop that hears Ctrl-C, and whether it did.
struct Session {
  std::unique_ptr<net::Loop> loop;
  bool interrupted = false;

  Result<void> start() {
    auto made = net::Loop::make();
    if (!made) return fail(made);
    loop = std::move(*made);
    return loop->on_signals({SIGINT}, [this](int) { interrupted = true; });
  }
};

// UDP's connect(2) sends nothing: it binds the socket to the peer, so that ICMP messages find it.
Result<Fd> aim(const Request& request, std::span<const Endpoint> peers, Audience& audience) {
  Result<Fd> socket = fail(Exit::no, say("\"{}\" has no address", request.host));
  for (const Endpoint& peer : peers) {
    const auto since = net::Loop::Clock::now();
    const auto source = source_for(request, peer);
    socket =
        source ? outgoing_from(Transport::udp, peer.address.v6, *source) : Result<Fd>{fail(source)};
    if (socket)
      if (const int error = net::start_connect(socket->get(), peer); error != 0)
        socket = tl::make_unexpected(connect_error(peer, error, {}));
    if (socket) {
      audience.ready(Transport::udp, peer, net::local_of(socket->get()),
                     net::Loop::Clock::now() - since);
      return socket;
    }
    audience.failed(Transport::udp, peer, socket.error(),
                    &peer == &peers.back() ? Next::nothing : Next::address);
  }
  return socket;
}

Result<Exit> judged(const Request& request, const Endpoint& peer, const Report& report) {
  const auto name = to_string(peer);
  switch (report.ending) {
    case Ending::fin:
    case Ending::quit:
    case Ending::reader_left:
      return Exit::yes;
    case Ending::interrupted:
      return Exit::interrupted;
    case Ending::output_lost:
      return fail(Exit::lost_output, say("output was lost: {}", errno_text(report.error)),
                  report.error);
    case Ending::refused:
      return fail(
          Exit::no,
          say("{} refused (ICMP port unreachable): no program has that UDP port open", name),
          report.error);
    case Ending::reset:
      return fail(Exit::no, say("{} reset the connection (RST)", name), report.error);
    case Ending::rest_refused:
      return fail(
          Exit::no,
          say("{} closed the connection before it had taken everything (FIN, then RST)", name),
          report.error);
    case Ending::error:
      return fail(Exit::no, say("{}: {}", name, ending_text(report)), report.error);
    case Ending::idle:
      if (report.unsent > 0)
        return fail(Exit::no, say("{} takes nothing more: the time of -w is over", name));
      if (request.transport == Transport::udp) break;
      if (report.received > 0 || request.send_only) return Exit::yes;
      return fail(Exit::no, say("{} said nothing within the time of -w", name));
    case Ending::silence:
      break;
  }
  if (report.datagrams_received > 0 || request.send_only) return Exit::yes;
  return fail(Exit::no, say("{} is silent: no answer within {}; UDP does not tell a lost datagram "
                            "from a program that says nothing",
                            name, lasted(report.silence)));
}

}  // namespace

Result<Exit> talk(const Request& request, u16 port, Audience& audience) {
  const auto peers = net::resolve(request.host, port, request.family, request.lookups);
  if (!peers) return fail(peers);
  Session session;
  if (auto started = session.start(); !started) return fail(started);
  audience.start(request, *peers);
  const bool tcp = request.transport == Transport::tcp;
  const auto socket = tcp ? dial(*session.loop, request, *peers, session.interrupted, audience)
                          : aim(request, *peers, audience);
  if (!socket) return fail(socket);
  const int fd = socket->get();
  const Endpoint peer = net::peer_of(fd);
  const Report report =
      tcp ? TcpTalk{*session.loop, fd, request, session.interrupted, audience}.run()
          : UdpTalk{*session.loop, fd, request, session.interrupted, audience}.run();
  audience.ended(request.transport, report);
  return judged(request, peer, report);
}

Result<Exit> try_ports(const Request& request, std::span<const u16> ports, Audience& audience) {
  Session session;
  if (auto started = session.start(); !started) return fail(started);
  auto peers = net::resolve(request.host, 0, request.family, request.lookups);
  if (!peers) return fail(peers);
  bool any = false;
  Error last;
  for (const u16 port : ports) {
    for (Endpoint& peer : *peers) peer.port = port;
    const auto socket = dial(*session.loop, request, *peers, session.interrupted, audience,
                             ports.size() > 1 ? Next::port : Next::nothing);
    any = any || socket;
    if (socket) continue;
    last = socket.error();
    if (last.exit == Exit::interrupted || last.exit == Exit::bad_input) return fail(socket);
  }
  if (any) return Exit::yes;
  if (ports.size() == 1) return tl::make_unexpected(last);
  return fail(Exit::no, say("none of the {} ports is open", ports.size()));
}

}  // namespace trama::connect
