#include "net/unix_socket.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/say.h"

namespace trama::net {
namespace {

struct Name {
  sockaddr_un address{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Result<Name> name_at(std::string_view path) {
  Name name;
  name.address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof name.address.sun_path)
    return fail(Exit::bad_input, say("\"{}\" is no path for a socket: it has 1 to {} bytes", path,
                                     sizeof name.address.sun_path - 1));
  std::memcpy(name.address.sun_path, path.data(), path.size());
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (path.front() == '@')
    name.address.sun_path[0] = '\0';
  else
    ++name.size;  // with its NUL
  return name;
}

// True: a socket file that nobody listens at (any more).
bool is_stale(const Name& name, int type) {
  struct stat about {};
  if (stat(name.address.sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
  const Fd probe{socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  return connect(probe.get(), name.get(), name.size) != 0 && errno == ECONNREFUSED;
}

tl::unexpected<Error> cannot_bind(std::string_view path, int number) {
  if (number == EADDRINUSE)
    return fail(Exit::no,
                say("{} is in use by another program, or is no socket: choose another path", path),
                number);
  if (number == EACCES || number == EPERM)
    return fail(Exit::no_right,
                say("no right to make {}: choose a folder of your own, or use sudo", path), number);
  return fail(Exit::no, say("cannot use {}: {}", path, errno_text(number)), number);
}

}  // namespace

Result<Fd> listen_at_path(Transport transport, std::string_view path) {
  const auto name = name_at(path);
  if (!name) return fail(name);
  const int type = is_stream(transport) ? SOCK_STREAM : SOCK_DGRAM;
  Fd socket{::socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return cannot_bind(path, errno);
  int bound = bind(socket.get(), name->get(), name->size);
  if (bound != 0 && errno == EADDRINUSE && path.front() != '@') {
    if (!is_stale(*name, type)) return cannot_bind(path, EADDRINUSE);
    unlink(name->address.sun_path);
    bound = bind(socket.get(), name->get(), name->size);
  }
  if (bound != 0) return cannot_bind(path, errno);
  if (type == SOCK_STREAM && listen(socket.get(), SOMAXCONN) != 0) return cannot_bind(path, errno);
  return socket;
}

std::string path_of(const sockaddr_un& address, socklen_t size) {
  if (size <= offsetof(sockaddr_un, sun_path)) return {};
  const auto length = size - offsetof(sockaddr_un, sun_path);
  if (address.sun_path[0] != '\0') return {address.sun_path, strnlen(address.sun_path, length)};
  return "@" + std::string{address.sun_path + 1, length - 1};
}

std::string peer_process(int socket) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return {};
  return fmt::format("pid {}, uid {}", who.pid, who.uid);
}

bool send_with(int socket, std::string_view bytes, std::span<const int> descriptors) {
  constexpr std::size_t most = 4;
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<u8, CMSG_SPACE(most * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  ssize_t n = 0;
  do n = sendmsg(socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n >= 0;
}

}  // namespace trama::net
