#include "connect/through.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/say.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

// The socket's side of a dialogue: short texts, one after the other.
class Exchange {
 public:
  Exchange(const Run& run, int socket, const Request& request)
      : run_(run),
        socket_(socket),
        limit_option_(request.patience_option()),
        interest_(run.loop, socket, [this](u32) { ready_ = true; }) {
    if (const auto most = request.patience())
      limit_ = run.loop.after(*most, [this] { late_ = true; });
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { run_.loop.cancel(limit_); }

  Result<void> send_all(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n >= 0)
        text.remove_prefix(static_cast<std::size_t>(n));
      else if (auto waited = wait_after(errno, EPOLLOUT); !waited)
        return waited;
    }
    return {};
  }

  // Exactly so many bytes.
  Result<std::vector<u8>> receive(std::size_t bytes) {
    std::vector<u8> piece(bytes);
    for (std::size_t at = 0; at < bytes;) {
      const ssize_t n = recv(socket_, piece.data() + at, bytes - at, MSG_DONTWAIT);
      if (n > 0)
        at += static_cast<std::size_t>(n);
      else if (n == 0)
        return fail(Exit::no, say("it closed the connection instead of answering"));
      else if (auto waited = wait_after(errno, EPOLLIN); !waited)
        return fail(waited);
    }
    return piece;
  }

 private:
  // After a call that failed: waits where it only came too early.
  Result<void> wait_after(int error, u32 events) {
    if (error == EINTR) return {};
    if (error == ECONNRESET || error == EPIPE)
      return fail(Exit::no, say("it reset the connection (RST) instead of answering"), error);
    if (error != EAGAIN) return fail(Exit::no, errno_text(error), error);
    ready_ = false;
    interest_.want(events);
    while (!ready_ && !late_ && !run_.interrupted) run_.loop.run_once(1min);
    interest_.want(0);
    if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
    if (!ready_)
      return fail(Exit::no, say("it did not answer within the time of {}", limit_option_),
                  ETIMEDOUT);
    return {};
  }

  const Run& run_;
  int socket_;
  std::string_view limit_option_;
  bool ready_ = false, late_ = false;
  net::Interest interest_;
  net::Loop::Timer limit_ = 0;
};

Result<void> hold(Exchange& exchange, ProxyDialogue& dialogue) {
  std::string next = dialogue.opening();
  for (;;) {
    if (auto sent = exchange.send_all(next); !sent) return sent;
    if (dialogue.wants() == 0) return {};
    const auto piece = exchange.receive(dialogue.wants());
    if (!piece) return fail(piece);
    auto answer = dialogue.take(*piece);
    if (!answer) return fail(answer);
    next = std::move(*answer);
  }
}

}  // namespace

Result<void> open_through(const Run& run, int socket, ProxyDialogue& dialogue,
                          const std::string& proxy_name, const Request& request) {
  Exchange exchange{run, socket, request};
  auto held = hold(exchange, dialogue);
  if (!held && !held.error().sentence.empty())
    held.error().sentence = say("the proxy {}: {}", proxy_name, held.error().sentence);
  return held;
}

Result<Destination> destination_of(const Request& request, const Proxy& proxy, u16 port) {
  Destination destination{
      .name = request.host, .address = parse_address(request.host), .port = port};
  if (auto checked = net::check_host(request.host); !checked) return fail(checked);
  if (destination.address) return destination;
  if (proxy.kind != Proxy::Kind::socks4 && request.lookups) return destination;
  const auto family = proxy.kind == Proxy::Kind::socks4 ? net::Family::v4 : request.family;
  const auto found = net::resolve(request.host, port, family, request.lookups);
  if (!found) return fail(found);
  destination.address = found->front().address;
  return destination;
}

}  // namespace trama::connect
