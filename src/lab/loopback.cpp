#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <functional>
#include <vector>

#include "base/say.h"
#include "lab/lab.h"
#include "lab/states.h"

namespace trama::lab {
namespace {

using namespace std::chrono_literals;
using host::TcpState;
using host::Transport;

constexpr std::string_view message = "Hello, world";
constexpr std::string_view answer = "HELLO, WORLD";

Endpoint local_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return to_endpoint(address);
}

Result<Fd> open_at(int type, u16 port) {
  Fd fd{socket(AF_INET, type | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const timeval patience{5, 0};  // loopback answers at once; a filter might swallow everything
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  for (const int limit : {SO_RCVTIMEO, SO_SNDTIMEO})
    setsockopt(fd.get(), SOL_SOCKET, limit, &patience, sizeof patience);
  auto address = to_sockaddr({*parse_address("127.0.0.1"), port});
  const auto bind_it = [&] {
    return bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size_of(address)) == 0;
  };
  if (!bind_it()) {
    address = to_sockaddr({*parse_address("127.0.0.1"), 0});
    if (!bind_it())
      return fail(Exit::no, say("no socket on 127.0.0.1: {}", errno_text(errno)), errno);
  }
  return fd;
}

// Every frame on lo once; not open without CAP_NET_RAW.
Fd open_tap() {
  Fd tap{socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const int on = 1;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex("lo"));
  setsockopt(tap.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  if (tap.is_open() && bind(tap.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    tap.close();
  return tap;
}

// Both ends in one process, each step one call.
class Conversation {
 public:
  Conversation(const Options& options, Watcher& watcher, int diag)
      : options_(options), watcher_(watcher), states_(diag, diag), tap_(open_tap()) {}

  Result<Outcome> run();

 private:
  using Implied = std::pair<TcpState, TcpState>;  // client's, server's
  // Tells the call that was just made; an Error where it failed.
  Result<void> told(Host by, std::string_view name, ssize_t result, std::size_t bytes = 0,
                    Implied implied = {});
  Result<void> begin();
  std::vector<std::function<Result<void>()>> tcp_steps();
  std::vector<std::function<Result<void>()>> udp_steps();
  Result<void> expect(Host by, int fd, std::string_view text);
  void tell_frames();

  const Options& options_;
  Watcher& watcher_;
  States states_;
  Fd tap_;
  Fd listener_, client_, server_;
  Segment ends_;  // client's and server's endpoints; `syn` while only the listener is there
  Outcome outcome_;
};

Result<void> Conversation::told(Host by, std::string_view name, ssize_t result, std::size_t bytes,
                                Implied implied) {
  if (result < 0)
    return fail(Exit::no, say("{}() failed over loopback: {}", name, errno_text(errno)), errno);
  Call call{by, name, bytes, ends_.transport, {}, {}, implied.first, implied.second};
  // An implied state is one that the kernel leaves by itself: read again while it still shows.
  for (unsigned tries = 0; tries < 100; ++tries) {
    call.client = states_.read(Host::client, ends_, Host::client);
    call.server = states_.read(Host::server, ends_, Host::client);
    const auto passing = [](const EndState& end, TcpState state) {
      return state != TcpState::none && end.kind == EndState::Kind::tcp && end.state == state;
    };
    if (!passing(call.client, implied.first) && !passing(call.server, implied.second)) break;
    const timespec pause{0, 1'000'000};
    nanosleep(&pause, nullptr);
  }
  watcher_.on_call(call);
  tell_frames();
  return {};
}

void Conversation::tell_frames() {
  std::vector<u8> bytes(std::size_t{128} * 1024);
  for (ssize_t n = 0;
       tap_.is_open() && (n = recv(tap_.get(), bytes.data(), bytes.size(), 0)) > 0;) {
    Frame frame;
    frame.bytes.assign(bytes.data(), bytes.data() + n);
    const auto segment = segment_of(frame.bytes);
    if (!segment || segment->transport != ends_.transport) continue;
    const bool ours = segment->source == ends_.source && segment->destination == ends_.destination;
    const bool back = segment->source == ends_.destination && segment->destination == ends_.source;
    if (!ours && !back) continue;  // somebody else's traffic
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    frame.id = ++outcome_.caught;
    ++outcome_.delivered;
    frame.from = ours ? Host::client : Host::server;
    frame.caught_ns = frame.delivered_ns = now.tv_sec * 1'000'000'000LL + now.tv_nsec;
    frame.fate = Fate::delivered;
    if (options_.capture != nullptr)
      options_.capture->on_frame(frame.caught_ns, frame.from, frame.bytes);
    watcher_.on_frame_fate(frame, segment);
  }
}

Result<void> Conversation::expect(Host by, int fd, std::string_view text) {
  char bytes[64];
  const ssize_t n = recv(fd, bytes, sizeof bytes, 0);
  if (n >= 0 && std::string_view{bytes, static_cast<std::size_t>(n)} != text) errno = EPROTO;
  return told(by, "recv", n == std::ssize(text) ? n : -1, text.size());
}

Result<void> Conversation::begin() {
  auto listener = open_at(SOCK_STREAM, options_.tcp_port);
  if (!listener) return fail(listener);
  auto client = open_at(SOCK_STREAM, 0);
  if (!client) return fail(client);
  listener_ = std::move(*listener);
  client_ = std::move(*client);
  ends_.source = local_of(client_.get());
  ends_.destination = local_of(listener_.get());
  ends_.syn = true;
  watcher_.on_started({.client = ends_.source, .server = ends_.destination, .over_loopback = true});
  return {};
}

std::vector<std::function<Result<void>()>> Conversation::tcp_steps() {
  const auto write = [this](Host by, std::string_view text) {
    const int fd = by == Host::client ? client_.get() : server_.get();
    return told(by, "send", send(fd, text.data(), text.size(), MSG_NOSIGNAL), text.size());
  };
  return {
      [this] { return told(Host::server, "listen", listen(listener_.get(), 5)); },
      [this] {
        const auto there = to_sockaddr(ends_.destination);
        const int done =
            connect(client_.get(), reinterpret_cast<const sockaddr*>(&there), size_of(there));
        ends_.syn = false;
        return told(Host::client, "connect", done, 0, {TcpState::syn_sent, TcpState::syn_received});
      },
      [this] {
        server_ = Fd{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        listener_.close();
        return told(Host::server, "accept", server_.get());
      },
      [write] { return write(Host::client, message); },
      [this] { return expect(Host::server, server_.get(), message); },
      [write] { return write(Host::server, answer); },
      [this] { return expect(Host::client, client_.get(), answer); },
      [this] {
        return told(Host::client, "shutdown", shutdown(client_.get(), SHUT_WR), 0,
                    {TcpState::fin_wait_1, TcpState::none});
      },
      [this] { return expect(Host::server, server_.get(), ""); },
      [this] {
        server_.close();
        return told(Host::server, "close", 0, 0, {TcpState::fin_wait_2, TcpState::last_ack});
      },
      [this] {
        client_.close();
        return told(Host::client, "close", 0);
      },
  };
}

std::vector<std::function<Result<void>()>> Conversation::udp_steps() {
  return {
      [this]() -> Result<void> {
        auto server = open_at(SOCK_DGRAM, options_.udp_port);
        if (!server) return fail(server);
        server_ = std::move(*server);
        ends_ = {};
        ends_.transport = Transport::udp;
        ends_.destination = local_of(server_.get());
        return told(Host::server, "bind", 0);
      },
      [this]() -> Result<void> {
        auto client = open_at(SOCK_DGRAM, 0);
        if (!client) return fail(client);
        client_ = std::move(*client);
        ends_.source = local_of(client_.get());
        const auto there = to_sockaddr(ends_.destination);
        return told(Host::client, "sendto",
                    sendto(client_.get(), message.data(), message.size(), 0,
                           reinterpret_cast<const sockaddr*>(&there), size_of(there)),
                    message.size());
      },
      [this] { return expect(Host::server, server_.get(), message); },
      [this] {
        const auto there = to_sockaddr(ends_.source);
        return told(Host::server, "sendto",
                    sendto(server_.get(), answer.data(), answer.size(), 0,
                           reinterpret_cast<const sockaddr*>(&there), size_of(there)),
                    answer.size());
      },
      [this] { return expect(Host::client, client_.get(), answer); },
  };
}

Result<Outcome> Conversation::run() {
  const auto loop = net::Loop::make();
  if (!loop) return fail(loop);
  if (const auto begun = begin(); !begun) return fail(begun);
  auto steps = tcp_steps();
  for (auto& step : udp_steps()) steps.push_back(std::move(step));
  std::optional<Error> failure;
  std::size_t next = 0;
  const auto signals = (*loop)->on_signals({SIGINT, SIGTERM, SIGHUP}, [&](int) {
    outcome_.interrupted = true;
    (*loop)->stop();
  });
  if (!signals) return fail(signals);
  std::function<void()> go = [&] {
    const auto done = steps[next++]();
    if (!done) failure = done.error();
    if (done && next < steps.size())
      (*loop)->after(options_.wire.delay, go);
    else
      (*loop)->stop();
  };
  (*loop)->after({}, go);
  (*loop)->run();
  if (failure) return tl::make_unexpected(*failure);
  return outcome_;
}

}  // namespace

Result<Outcome> run_over_loopback(const Options& options, Watcher& watcher) {
  const auto diag = host::open_diag();
  if (!diag) return fail(diag);
  return Conversation{options, watcher, diag->get()}.run();
}

}  // namespace trama::lab
