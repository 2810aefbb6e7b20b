#include "connect/session.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"
#include "connect/dial.h"
#include "connect/input.h"
#include "connect/judge.h"
#include "connect/socket_options.h"
#include "connect/talk.h"
#include "connect/through.h"
#include "connect/tls.h"
#include "connect/unix_socket.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

// UDP's connect(2) sends nothing: it binds the socket to the peer, so that ICMP messages find it.
Result<Fd> aim(const Run& run, const Request& request, std::span<const Endpoint> peers) {
  Result<Fd> socket = fail(Exit::no, say("\"{}\" has no address", request.host));
  for (const Endpoint& peer : peers) {
    const auto since = net::Loop::Clock::now();
    const auto source = source_for(request, peer);
    socket =
        source ? outgoing_from(Transport::udp, peer.address.v6, *source) : Result<Fd>{fail(source)};
    if (socket) apply(request.socket_options, socket->get(), peer.address.v6);
    if (socket)
      if (const int error = net::start_connect(socket->get(), peer); error != 0)
        socket = tl::make_unexpected(connect_error(peer, error, {}));
    if (socket) {
      run.audience.ready(Transport::udp, peer, net::local_of(socket->get()),
                         net::Loop::Clock::now() - since);
      return socket;
    }
    run.audience.failed(Transport::udp, peer, socket.error(),
                        &peer == &peers.back() ? Next::nothing : Next::address);
  }
  return socket;
}

// A way to the peer, and the name by which a person knows it.
struct Way {
  Fd socket;
  std::string peer;
};

Result<Way> open_way_through(const Run& run, const Request& request, const Proxy& proxy, u16 port) {
  const auto destination = destination_of(request, proxy, port);
  if (!destination) return fail(destination);
  const auto dialogue = dialogue_with(proxy, *destination);
  if (!dialogue) return fail(dialogue);
  const auto peers = net::resolve(proxy.host, proxy.port, net::Family::any, request.lookups);
  if (!peers) return fail(peers);
  run.audience.start(request, *peers);
  auto socket = dial(run, request, *peers);
  if (!socket) return fail(socket);
  const auto since = net::Loop::Clock::now();
  const auto proxy_name = to_string(net::peer_of(socket->get()));
  if (auto opened = open_through(run, socket->get(), **dialogue, proxy_name, request); !opened)
    return fail(opened);
  auto name = harmless(to_string(*destination));
  run.audience.through(proxy_name, name, net::Loop::Clock::now() - since);
  return Way{std::move(*socket), std::move(name)};
}

Result<Way> open_way(const Run& run, const Request& request, u16 port) {
  if (!request.path.empty()) {
    auto socket = open_unix(request.transport, request.path);
    if (!socket) return fail(socket);
    run.audience.joined(request.path, request.transport == Transport::udp);
    return Way{std::move(*socket), harmless(request.path)};
  }
  if (request.proxy) return open_way_through(run, request, *request.proxy, port);
  const auto peers = net::resolve(request.host, port, request.family, request.lookups);
  if (!peers) return fail(peers);
  run.audience.start(request, *peers);
  auto socket =
      request.transport == Transport::tcp ? dial(run, request, *peers) : aim(run, request, *peers);
  if (!socket) return fail(socket);
  auto name = to_string(net::peer_of(socket->get()));
  return Way{std::move(*socket), std::move(name)};
}

Result<Exit> one_talk(const Run& run, const Request& request, u16 port, Report& report) {
  const auto way = open_way(run, request, port);
  if (!way) return fail(way);
  const int fd = way->socket.get();
  Result<std::unique_ptr<Channel>> channel =
      request.tls ? open_tls(run, fd, request) : std::make_unique<Channel>(fd);
  if (!channel) return fail(channel);
  const auto held = hold_talk(run, request, **channel);
  if (!held) return fail(held);
  report = *held;
  const auto facts = request.tcp_facts ? tcp_facts(fd) : std::nullopt;
  run.audience.ended(request.transport, report);
  if (facts) run.audience.measured(*facts);
  return judged(request, way->peer, report);
}

// Whether --reconnect goes on: not where somebody here ended it, or where nothing could change: all
// of the input was sent, or there was none.
bool is_worth_another(const Request& request, const Result<Exit>& ended, const Report& report) {
  const Exit exit = ended ? *ended : ended.error().exit;
  return (exit == Exit::yes || exit == Exit::no) && !report.input_ended &&
         report.ending != Ending::reader_left &&
         (request.receive_only || !has_ended(request.input));
}

// Waits so long, or until the input has ended, or for Ctrl-C. Bytes that come do not count: their
// end is seen by who reads them.
void rest(const Run& run, const Request& request, std::chrono::nanoseconds pause) {
  bool over = false;
  const auto timer = run.loop.after(pause, [&] { over = true; });
  net::Interest input{run.loop, request.input, [&](u32) {
                        input.want(0);
                        over = over || has_ended(request.input);
                      }};
  if (!request.receive_only) input.want(EPOLLIN);
  while (!over && !run.interrupted) run.loop.run_once(1min);
  run.loop.cancel(timer);
}

Result<Exit> talk_again_and_again(const Run& run, const Request& request, u16 port) {
  constexpr std::chrono::nanoseconds longest_pause = 1min;
  auto pause = *request.reconnect;
  for (;;) {
    Report report;
    auto ended = one_talk(run, request, port, report);
    if (!is_worth_another(request, ended, report)) return ended;
    if (report.received + report.sent > 0) pause = *request.reconnect;
    run.audience.again(ended ? nullptr : &ended.error(), pause);
    rest(run, request, pause);
    if (run.interrupted) return fail(Exit::interrupted, {}, EINTR);
    if (!is_worth_another(request, ended, report)) return ended;
    pause = std::max(pause, std::min(pause * 2, longest_pause));
  }
}

}  // namespace

Result<Exit> talk(const Request& request, u16 port, Audience& audience, Journal& journal) {
  HeardLoop heard;
  if (auto started = heard.start(); !started) return fail(started);
  const Run run{*heard.loop, heard.interrupted, audience, journal};
  Report report;
  auto ended = request.reconnect ? talk_again_and_again(run, request, port)
                                 : one_talk(run, request, port, report);
  const auto kept = journal.close();
  if (kept || (!ended && ended.error().exit == Exit::lost_output)) return ended;
  if (ended || ended.error().sentence.empty()) return fail(kept);
  return fail(Exit::lost_output, ended.error().sentence + "; " + kept.error().sentence,
              kept.error().number);
}

Result<Exit> try_path(const Request& request, Audience& audience) {
  const auto socket = open_unix(request.transport, request.path);
  if (!socket) return fail(socket);
  audience.joined(request.path, request.transport == Transport::udp);
  return Exit::yes;
}

Result<Exit> try_ports(const Request& request, std::span<const u16> ports, Audience& audience) {
  HeardLoop heard;
  if (auto started = heard.start(); !started) return fail(started);
  auto peers = net::resolve(request.host, 0, request.family, request.lookups);
  if (!peers) return fail(peers);
  Journal nothing_kept;
  const Run run{*heard.loop, heard.interrupted, audience, nothing_kept};
  bool any = false;
  Error last;
  for (const u16 port : ports) {
    for (Endpoint& peer : *peers) peer.port = port;
    const auto socket = dial(run, request, *peers, ports.size() > 1 ? Next::port : Next::nothing);
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
