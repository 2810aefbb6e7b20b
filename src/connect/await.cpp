#include "connect/await.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/say.h"
#include "base/terminal.h"
#include "connect/judge.h"
#include "connect/socket_options.h"
#include "connect/speakers.h"
#include "connect/talk.h"
#include "net/interest.h"
#include "net/unix_socket.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

sockaddr_storage sender_of(int socket, socklen_t& size) {
  sockaddr_storage from{};
  size = sizeof from;
  u8 nothing = 0;
  recvfrom(socket, &nothing, 0, MSG_PEEK | MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
  return from;
}

class Vigil {
 public:
  Vigil(const Run& run, const Request& request, const Waiting& waiting, std::vector<Fd> doors)
      : run_(run), request_(request), waiting_(waiting), doors_(std::move(doors)) {
    for (const Fd& door : doors_)
      interests_.push_back(
          std::make_unique<net::Interest>(run.loop, door.get(), [this](u32) { knocked_ = true; }));
  }

  // The next peer that may come in. Error: Exit::interrupted.
  Result<Visitor> next() {
    for (;;) {
      for (const Fd& door : doors_)
        if (auto visitor = is_stream() ? accepted(door) : spoken_to(door))
          return std::move(*visitor);
      knocked_ = false;
      for (const auto& interest : interests_) interest->want(EPOLLIN);
      const bool full = std::exchange(full_, false);
      const auto again = full ? run_.loop.after(1s, [this] { knocked_ = true; }) : 0;
      if (full)  // the doors would report the same peer again and again
        for (const auto& interest : interests_) interest->want(0);
      while (!knocked_ && !run_.interrupted) run_.loop.run_once(1min);
      run_.loop.cancel(again);
      for (const auto& interest : interests_) interest->want(0);
      if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
    }
  }
  void close() {
    interests_.clear();
    doors_.clear();
  }

 private:
  [[nodiscard]] bool is_stream() const { return request_.transport == Transport::tcp; }
  [[nodiscard]] bool lets_in(const Visitor& visitor) const {
    if (!request_.path.empty()) {
      run_.audience.came_to(request_.path);
      return true;
    }
    run_.audience.came(request_.transport, visitor.peer, net::local_of(visitor.socket.get()));
    if (!waiting_.allows || waiting_.allows(visitor.peer)) return true;
    run_.audience.turned_away(visitor.peer, false);
    return false;
  }
  std::optional<Visitor> accepted(const Fd& door) {
    for (;;) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      Visitor visitor{Fd{accept4(door.get(), reinterpret_cast<sockaddr*>(&from), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC)},
                      {},
                      false};
      if (!visitor.socket.is_open()) {
        full_ = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return std::nullopt;
      }
      if (request_.path.empty()) visitor.peer = to_endpoint(from);
      if (lets_in(visitor)) return visitor;
    }
  }
  // A datagram socket belongs to the first that sent something there.
  std::optional<Visitor> spoken_to(const Fd& door) {
    u8 byte = 0;
    while (recv(door.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0) {
      socklen_t size = 0;
      const auto from = sender_of(door.get(), size);
      Visitor visitor{Fd{dup(door.get())}, {}, false};
      if (request_.path.empty()) visitor.peer = to_endpoint(from);
      if (lets_in(visitor)) {
        visitor.nameless =
            size <= sizeof(sa_family_t) ||
            ::connect(door.get(), reinterpret_cast<const sockaddr*>(&from), size) != 0;
        return visitor;
      }
      recv(door.get(), &byte, 1, MSG_DONTWAIT);
    }
    return std::nullopt;
  }

  const Run& run_;
  const Request& request_;
  const Waiting& waiting_;
  std::vector<Fd> doors_;
  std::vector<std::unique_ptr<net::Interest>> interests_;
  bool knocked_ = false;
  bool full_ = false;  // no descriptor is free
};

Result<Exit> talk_with(const Run& run, const Request& request, const Waiting& waiting,
                       const Visitor& visitor) {
  const int fd = visitor.socket.get();
  const auto channel =
      waiting.tls != nullptr ? waiting.tls->channel(fd) : std::make_unique<Channel>(fd);
  if (!channel) return fail(Exit::no, say("OpenSSL cannot start"));
  Request its = request;
  its.receive_only = its.receive_only || visitor.nameless;
  its.early = visitor.early;
  const auto report = hold_talk(run, its, *channel);
  if (!report) return fail(report);
  run.audience.ended(request.transport, *report);
  return judged(request, request.path.empty() ? to_string(visitor.peer) : harmless(request.path),
                *report);
}

// Each peer's program talks in a process of its own.
Result<Exit> talk_with_each(const Run& run, const Request& request, const Waiting& waiting,
                            const std::function<Result<Visitor>()>& next) {
  std::vector<pid_t> children;
  for (;;) {
    auto visitor = next();
    if (!visitor) return fail(visitor);
    children.erase(
        std::remove_if(children.begin(), children.end(),
                       [](pid_t child) { return waitpid(child, nullptr, WNOHANG) != 0; }),
        children.end());
    if (waiting.most != 0 && children.size() >= waiting.most) {
      run.audience.turned_away(visitor->peer, true);
      continue;
    }
    const pid_t child = fork();
    if (child == 0) {
      HeardLoop heard;
      if (!heard.start()) _exit(1);
      const Run its{*heard.loop, heard.interrupted, run.audience, run.journal};
      const auto ended = talk_with(its, request, waiting, *visitor);
      _exit(ended ? static_cast<int>(*ended) : static_cast<int>(ended.error().exit));
    }
    if (child > 0) children.push_back(child);
  }
}

Result<Exit> wait_and_talk(const Run& run, const Request& request, const Waiting& waiting,
                           std::vector<Fd> doors) {
  const bool streams = request.transport == Transport::tcp;
  const bool to_each = waiting.again && request.command;
  if (to_each && !streams && request.path.empty()) {
    Speakers speakers{run, request, waiting, std::move(doors)};
    return talk_with_each(run, request, waiting, [&] { return speakers.next(); });
  }
  Vigil vigil{run, request, waiting, std::move(doors)};
  if (to_each && streams)
    return talk_with_each(run, request, waiting, [&] { return vigil.next(); });
  for (;;) {
    const auto visitor = vigil.next();
    if (!visitor) return fail(visitor);
    if (!waiting.again || !streams) vigil.close();
    auto ended = talk_with(run, request, waiting, *visitor);
    const Exit exit = ended ? *ended : ended.error().exit;
    if (!waiting.again || !streams || (exit != Exit::yes && exit != Exit::no)) return ended;
  }
}

Result<std::vector<Fd>> open_doors(const Request& request, const Waiting& waiting,
                                   Audience& audience) {
  std::vector<Fd> doors;
  const bool streams = request.transport == Transport::tcp;
  if (!request.path.empty()) {
    auto door = net::listen_at_path(streams ? Transport::unix_stream : Transport::unix_datagram,
                                    request.path);
    if (!door) return fail(door);
    audience.listening_at(request.path);
    doors.push_back(std::move(*door));
    return doors;
  }
  for (const Endpoint& place : waiting.places) {
    auto door = net::listen_at(request.transport, place);
    if (!door) return fail(door);
    apply(request.socket_options, door->get(), place.address.v6);
    audience.listening(request.transport, net::local_of(door->get()));
    doors.push_back(std::move(*door));
  }
  return doors;
}

}  // namespace

Result<Exit> at_open_doors(const Request& request, const Waiting& waiting, Audience& audience,
                           Journal& journal, const AtDoors& work) {
  HeardLoop heard;
  if (auto started = heard.start(); !started) return fail(started);
  auto doors = open_doors(request, waiting, audience);
  if (!doors) return fail(doors);
  return work({*heard.loop, heard.interrupted, audience, journal}, std::move(*doors));
}

Result<Exit> await_and_talk(const Request& request, const Waiting& waiting, Audience& audience,
                            Journal& journal) {
  return at_open_doors(request, waiting, audience, journal, [&](const Run& run, auto doors) {
    return wait_and_talk(run, request, waiting, std::move(doors));
  });
}

}  // namespace trama::connect
