#include "net/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/say.h"

namespace trama::net {
namespace {

std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "$(command -v trama)" : path.string();
}

tl::unexpected<Error> cannot_bind(Transport transport, const Endpoint& at, int number) {
  const auto place = fmt::format("{} {}", name_of(transport), to_string(at));
  switch (number) {
    case EADDRINUSE:
      return fail(Exit::no, say("{} is taken", place), number);
    case EACCES:
      return fail(
          Exit::no_right,
          say("{} needs a right: sudo setcap cap_net_bind_service=+ep {} grants it; ports from "
              "1024 on need none",
              place, own_path()),
          number);
    case EADDRNOTAVAIL:
      return fail(Exit::bad_input,
                  say("{} is no address of this machine (\"ip address\" lists them)",
                      to_string(at.address)),
                  number);
    default:
      return fail(Exit::no, say("cannot use {}: {}", place, errno_text(number)), number);
  }
}

Result<Fd> opened(Transport transport, bool v6) {
  const int type = transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
  Fd socket{::socket(v6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (socket.is_open()) return socket;
  if (errno == EAFNOSUPPORT)
    return fail(Exit::no, say("this machine has no {}", v6 ? "IPv6" : "IPv4"), errno);
  return fail(Exit::no, say("no socket: {}", errno_text(errno)), errno);
}

Result<void> bind_to(int socket, Transport transport, const Endpoint& at) {
  const auto address = to_sockaddr(at);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address), size_of(address)) == 0) return {};
  return cannot_bind(transport, at, errno);
}

void switch_on(int socket, int level, int option) {
  constexpr int on = 1;
  setsockopt(socket, level, option, &on, sizeof on);
}

// Connections inherit it from their listener: a peer that was switched off is noticed after 2 min.
void watch_for_dead_peers(int socket) {
  switch_on(socket, SOL_SOCKET, SO_KEEPALIVE);
  for (const auto& [option, value] : {
           std::pair{TCP_KEEPIDLE,  60}, // seconds
           std::pair{TCP_KEEPINTVL, 10},
           std::pair{TCP_KEEPCNT,   6 }
  })
    setsockopt(socket, IPPROTO_TCP, option, &value, sizeof value);
}

}  // namespace

std::string_view name_of(Transport transport) {
  switch (transport) {
    case Transport::tcp:
      return "tcp";
    case Transport::udp:
      return "udp";
    case Transport::unix_stream:
      return "unix";
    case Transport::unix_datagram:
      break;
  }
  return "unixgram";
}

Result<Fd> listen_at(Transport transport, const Endpoint& at, bool dual) {
  auto socket = opened(transport, at.address.v6);
  if (!socket) return socket;
  const int only_v6 = dual ? 0 : 1;
  if (at.address.v6) setsockopt(socket->get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  if (transport == Transport::tcp) switch_on(socket->get(), SOL_SOCKET, SO_REUSEADDR);
  if (auto bound = bind_to(socket->get(), transport, at); !bound) return fail(bound);
  if (transport == Transport::tcp) watch_for_dead_peers(socket->get());
  if (transport == Transport::tcp && listen(socket->get(), SOMAXCONN) != 0)
    return cannot_bind(transport, at, errno);
  return socket;
}

Result<Fd> outgoing(Transport transport, bool v6, const std::optional<Endpoint>& source) {
  auto socket = opened(transport, v6);
  if (!socket || !source) return socket;
  // A chosen source port must be usable again while its last connection is in TIME_WAIT.
  if (transport == Transport::tcp && source->port != 0)
    switch_on(socket->get(), SOL_SOCKET, SO_REUSEADDR);
  if (auto bound = bind_to(socket->get(), transport, *source); !bound) return fail(bound);
  return socket;
}

int start_connect(int socket, const Endpoint& peer) {
  const auto address = to_sockaddr(peer);
  const int done = connect(socket, reinterpret_cast<const sockaddr*>(&address), size_of(address));
  return done == 0 ? 0 : errno;
}

Endpoint local_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return to_endpoint(address);
}

Endpoint peer_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return to_endpoint(address);
}

int pending_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

u64 raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);  // takes the lowest free number: fd
}

}  // namespace trama::net
