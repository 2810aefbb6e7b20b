#include "connect/speakers.h"

#include <netinet/in.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "base/say.h"
#include "connect/socket_options.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_waiting = 4096;  // datagrams; the rest stays in the kernel, or is lost

void set(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

bool same(const sockaddr_storage& a, const sockaddr_storage& b) {
  return to_endpoint(a) == to_endpoint(b);
}

bool has_none_now(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Speakers::Speakers(const Run& run, const Request& request, const Waiting& waiting,
                   std::vector<Fd> doors)
    : run_(run), request_(request), waiting_(waiting), doors_(std::move(doors)) {
  for (const Fd& door : doors_)
    interests_.push_back(std::make_unique<net::Interest>(
        run.loop, door.get(), [this, fd = door.get()](u32) { take_from(fd, fd); }));
}

Result<Visitor> Speakers::next() {
  for (;;) {
    for (const auto& interest : interests_) interest->want(EPOLLIN);
    while (early_.empty() && !run_.interrupted) run_.loop.run_once(1min);
    if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
    for (const auto& interest : interests_) interest->want(0);
    const Datagram& first = early_.front();
    const auto from = first.from;
    const int door = first.door;
    Visitor visitor{.socket = {}, .peer = to_endpoint(from)};
    run_.audience.came(Transport::udp, visitor.peer, net::local_of(door));
    const bool allowed = !waiting_.allows || waiting_.allows(visitor.peer);
    if (allowed) {
      auto socket = socket_for(first);
      if (!socket && has_none_now(socket.error().number)) {
        all_of(from);  // lost, as datagrams may be
        continue;
      }
      if (!socket) return fail(socket);
      visitor.socket = std::move(*socket);
      // From now on the kernel gives what it says to its own socket; what others said there before
      // that, and what it said at the door meanwhile, is put in its place.
      take_from(door, door);
      take_from(visitor.socket.get(), door);
    } else {
      run_.audience.turned_away(visitor.peer, false);
    }
    visitor.early = all_of(from);
    if (!allowed) continue;
    run_.audience.listening(Transport::udp, net::local_of(door));
    return visitor;
  }
}

void Speakers::take_from(int socket, int door) {
  std::vector<u8> space(std::size_t{64} * 1024);
  while (early_.size() < most_waiting) {
    Datagram one{.from = {}, .size = sizeof(sockaddr_storage), .bytes = {}, .door = door};
    const ssize_t n = recvfrom(socket, space.data(), space.size(), MSG_DONTWAIT,
                               reinterpret_cast<sockaddr*>(&one.from), &one.size);
    if (n < 0) return;
    one.bytes.assign(space.begin(), space.begin() + n);
    early_.push_back(std::move(one));
  }
}

// At the same place as the door. Both have to allow that while it is bound; the door only then, so
// that no other program takes the place.
Result<Fd> Speakers::socket_for(const Datagram& first) const {
  const int family = first.from.ss_family;
  Fd socket{::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return fail(Exit::no, say("no socket: {}", errno_text(errno)), errno);
  set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  sockaddr_storage place{};
  socklen_t size = sizeof place;
  getsockname(first.door, reinterpret_cast<sockaddr*>(&place), &size);
  set(first.door, SOL_SOCKET, SO_REUSEADDR, 1);
  const bool bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), size) == 0;
  const bool own = bound && ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&first.from),
                                      first.size) == 0;
  const int error = errno;
  set(first.door, SOL_SOCKET, SO_REUSEADDR, 0);
  if (!own) return fail(Exit::no, say("no socket: {}", errno_text(error)), error);
  apply(request_.socket_options, socket.get(), family == AF_INET6);
  return socket;
}

// Takes out what this sender said, in order.
std::vector<std::vector<u8>> Speakers::all_of(const sockaddr_storage& from) {
  std::vector<std::vector<u8>> its;
  for (auto& one : early_)
    if (same(one.from, from)) its.push_back(std::move(one.bytes));
  early_.erase(std::remove_if(early_.begin(), early_.end(),
                              [&](const Datagram& one) { return same(one.from, from); }),
               early_.end());
  return its;
}

}  // namespace trama::connect
