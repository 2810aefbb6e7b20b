#include "lab/parcel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/unix_socket.h"

namespace trama::lab {
namespace {

constexpr std::size_t most_fds = 4;
constexpr std::size_t most_bytes = std::size_t{128} * 1024;  // a command line may be long

}  // namespace

ParcelEnds make_parcel_ends() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {};
  const int on = 1;
  setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  return {Fd{ends[0]}, Fd{ends[1]}};
}

bool send_parcel(int fd, std::string_view bytes, std::span<const int> fds) {
  return net::send_with(fd, bytes, fds);
}

std::optional<Parcel> receive_parcel(int fd) {
  Parcel parcel;
  parcel.bytes.resize(most_bytes);
  iovec part{parcel.bytes.data(), parcel.bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(most_fds * sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  do n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return {};
  parcel.bytes.resize(static_cast<std::size_t>(n));
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    if (c->cmsg_type == SCM_CREDENTIALS) {
      ucred who{};
      std::memcpy(&who, CMSG_DATA(c), sizeof who);
      parcel.sender = who.pid;
    } else if (c->cmsg_type == SCM_RIGHTS) {
      const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int received = -1;
        std::memcpy(&received, CMSG_DATA(c) + i * sizeof received, sizeof received);
        parcel.fds.emplace_back(received);
      }
    }
  }
  return parcel;
}

}  // namespace trama::lab
