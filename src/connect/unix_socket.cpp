#include "connect/unix_socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::connect {
namespace {

tl::unexpected<Error> not_opened(Transport transport, const std::string& path, int number) {
  const auto name = harmless(path);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return fail(Exit::no, say("{} does not exist: its server makes it when it starts", name),
                  number);
    case ECONNREFUSED:
      return fail(Exit::no, say("{} refused: no program listens there, or it is no socket", name),
                  number);
    case EAGAIN:
      return fail(Exit::no, say("{} is busy: its queue of waiting connections is full", name),
                  number);
    case EACCES:
    case EPERM:
      return fail(Exit::no_right,
                  say("{} may not be used by you: its owner must grant the right to write (chmod, "
                      "or a group)",
                      name),
                  number);
    case EPROTOTYPE:
      return fail(Exit::no,
                  transport == Transport::udp ? say("{} is a stream socket: leave -u out", name)
                                              : say("{} is a datagram socket: write -u too", name),
                  number);
    default:
      return fail(Exit::no, say("cannot connect to {}: {}", name, errno_text(number)), number);
  }
}

}  // namespace

Result<Fd> open_unix(Transport transport, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return fail(Exit::bad_input, say("a socket's path has 1 to {} bytes, not {}",
                                     sizeof address.sun_path - 1, path.size()));
  std::copy(path.begin(), path.end(), address.sun_path);
  // "@name" is a name without a file: its first byte is NUL, its length counts (unix(7)).
  const bool abstract = path.front() == '@';
  if (abstract) address.sun_path[0] = 0;
  const auto size = abstract ? offsetof(sockaddr_un, sun_path) + path.size() : sizeof address;
  const bool datagrams = transport == Transport::udp;
  Fd socket{
      ::socket(AF_UNIX, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return not_opened(transport, path, errno);
  if (datagrams) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;  // nothing behind the family: the kernel chooses a name
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own.sun_family) != 0)
      return not_opened(transport, path, errno);
  }
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                static_cast<socklen_t>(size)) != 0)
    return not_opened(transport, path, errno);
  return socket;
}

}  // namespace trama::connect
