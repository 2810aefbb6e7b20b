#include "connect/dial.h"

#include <sys/epoll.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/say.h"
#include "connect/socket_options.h"
#include "host/port_holder.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;
using Clock = net::Loop::Clock;

// RFC 8305 section 5: the Connection Attempt Delay that it recommends.
constexpr auto head_start = 250ms;

// RFC 8305 section 4: the families take turns, each in the resolver's order; the family of the
// first address (IPv6, where this machine has a way to it: RFC 6724) begins.
std::vector<Endpoint> in_turns(std::span<const Endpoint> peers) {
  std::vector<Endpoint> first, second;
  for (const Endpoint& peer : peers)
    (peer.address.v6 == peers.front().address.v6 ? first : second).push_back(peer);
  std::vector<Endpoint> all;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

// One address's connect(2), under way until there is an outcome: its errno, 0 once connected.
struct Attempt {
  Attempt(net::Loop& its_loop, const Endpoint& address) : loop(its_loop), peer(address) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { loop.cancel(limit); }

  net::Loop& loop;
  Endpoint peer;
  Clock::time_point since = Clock::now();
  Fd socket;
  std::optional<net::Interest> interest;
  net::Loop::Timer limit = 0;
  std::optional<int> outcome;
};

// "Happy eyeballs": an address that does not answer at once keeps the next one waiting no longer
// than the head start; the first that answers wins, and the others are dropped.
class Race {
 public:
  Race(const Run& run, const Request& request, std::span<const Endpoint> peers, Next after_last)
      : run_(run), request_(request), peers_(in_turns(peers)), after_last_(after_last) {}
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;
  ~Race() { run_.loop.cancel(turn_); }

  Result<Fd> winner() {
    for (;;) {
      if (const auto won = first_outcome()) return finished(*won);
      if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
      if (next_due_ && next_ < peers_.size())
        start_next();
      else if (under_way_.empty())
        return std::move(lost_);
      else
        run_.loop.run_once(1min);
    }
  }

 private:
  void start_next();
  void failed(const Endpoint& peer, Error error);
  // The attempt that connected; failed ones are told and dropped on the way.
  std::unique_ptr<Attempt> first_outcome();
  Result<Fd> finished(Attempt& won);

  const Run& run_;
  const Request& request_;
  std::vector<Endpoint> peers_;
  Next after_last_;
  std::size_t next_ = 0;  // of peers_
  bool next_due_ = true;
  net::Loop::Timer turn_ = 0;
  std::vector<std::unique_ptr<Attempt>> under_way_;
  Result<Fd> lost_ = fail(Exit::no, {});
};

void Race::start_next() {
  const Endpoint& peer = peers_[next_++];
  next_due_ = false;
  run_.loop.cancel(turn_);
  turn_ = run_.loop.after(head_start, [this] { next_due_ = true; });
  const auto source = source_for(request_, peer);
  if (!source) return failed(peer, source.error());
  auto attempt = std::make_unique<Attempt>(run_.loop, peer);
  auto socket = outgoing_from(Transport::tcp, peer.address.v6, *source);
  if (!socket) return failed(peer, socket.error());
  attempt->socket = std::move(*socket);
  apply(request_.socket_options, attempt->socket.get(), peer.address.v6);
  const int fd = attempt->socket.get();
  if (const int error = net::start_connect(fd, peer); error != EINPROGRESS) {
    attempt->outcome = error;
  } else {
    Attempt* const its = attempt.get();
    its->interest.emplace(run_.loop, fd, [its, fd](u32) { its->outcome = net::pending_error(fd); });
    its->interest->want(EPOLLOUT);
    if (const auto patience = request_.patience())
      its->limit = run_.loop.after(*patience, [its] { its->outcome = ETIMEDOUT; });
  }
  under_way_.push_back(std::move(attempt));
}

void Race::failed(const Endpoint& peer, Error error) {
  next_due_ = true;
  const bool last = next_ == peers_.size() && under_way_.empty();
  run_.audience.failed(Transport::tcp, peer, error, last ? after_last_ : Next::address);
  lost_ = tl::make_unexpected(std::move(error));
}

std::unique_ptr<Attempt> Race::first_outcome() {
  for (auto at = under_way_.begin(); at != under_way_.end();) {
    if (!(*at)->outcome) {
      ++at;
      continue;
    }
    auto attempt = std::move(*at);
    at = under_way_.erase(at);
    attempt->interest.reset();
    int error = *attempt->outcome;
    // A port of the ephemeral range can meet itself (simultaneous open, RFC 9293 section 3.5):
    // nobody listens there.
    if (error == 0 && net::local_of(attempt->socket.get()) == attempt->peer) error = ECONNREFUSED;
    if (error == 0) return attempt;
    failed(attempt->peer, connect_error(attempt->peer, error, Clock::now() - attempt->since));
  }
  return nullptr;
}

Result<Fd> Race::finished(Attempt& won) {
  run_.audience.ready(Transport::tcp, won.peer, net::local_of(won.socket.get()),
                      Clock::now() - won.since);
  return std::move(won.socket);
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

Result<Fd> dial(const Run& run, const Request& request, std::span<const Endpoint> peers,
                Next after_last) {
  if (peers.empty()) return fail(Exit::no, say("\"{}\" has no address", request.host));
  return Race{run, request, peers, after_last}.winner();
}

}  // namespace trama::connect
