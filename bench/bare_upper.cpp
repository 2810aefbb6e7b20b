// The least that a server of upper case does, for bench/serve.py to hold `trama serve` against: one
// thread, one epoll, no logs, no limits, nobody waited for. Not a server for anything else.
//
//   bare_upper PORT      TCP: accepts, reads what is there, answers it; a client that does not read
//                        its answers loses them
//   bare_upper -u PORT   UDP: 64 datagrams a system call, in and out
//
// Port 0: the kernel's choice. Prints "127.0.0.1:PORT" once it listens.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "upper.h"

namespace {

constexpr std::size_t most_read = std::size_t{64} * 1024;
constexpr unsigned batch = 64;
constexpr std::size_t most_datagram = 2048;

int add(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

[[noreturn]] void serve_tcp(unsigned short port) {
  const int door = upper::listener(SOCK_STREAM | SOCK_NONBLOCK, port);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  add(epoll, door);
  std::vector<char> space(most_read);
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int n = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == door) {
        for (int client = 0;
             (client = accept4(door, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
          add(epoll, client);
        continue;
      }
      const ssize_t got = recv(fd, space.data(), space.size(), 0);
      if (got > 0) {
        upper::change(space.data(), static_cast<std::size_t>(got));
        send(fd, space.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      } else if (got == 0 || errno != EAGAIN) {
        close(fd);
      }
    }
  }
}

[[noreturn]] void serve_udp(unsigned short port) {
  const int fd = upper::listener(SOCK_DGRAM | SOCK_NONBLOCK, port);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  add(epoll, fd);
  std::vector<char> space(batch * most_datagram);
  std::array<sockaddr_storage, batch> names{};
  std::array<iovec, batch> parts{};
  std::array<mmsghdr, batch> messages{};
  for (unsigned i = 0; i < batch; ++i) {
    parts[i].iov_base = space.data() + i * most_datagram;
    messages[i].msg_hdr.msg_name = &names[i];
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::array<epoll_event, 8> events{};
  for (;;) {
    epoll_wait(epoll, events.data(), events.size(), -1);
    for (unsigned i = 0; i < batch; ++i) {
      parts[i].iov_len = most_datagram;
      messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    }
    const int n = recvmmsg(fd, messages.data(), batch, 0, nullptr);
    for (int i = 0; i < n; ++i) {
      auto& part = parts[static_cast<std::size_t>(i)];
      part.iov_len = messages[static_cast<std::size_t>(i)].msg_len;
      upper::change(static_cast<char*>(part.iov_base), part.iov_len);
    }
    if (n > 0) sendmmsg(fd, messages.data(), static_cast<unsigned>(n), MSG_NOSIGNAL);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool udp = argc == 3 && std::string_view{argv[1]} == "-u";
  if (argc != (udp ? 3 : 2)) {
    std::fputs("usage: bare_upper [-u] PORT\n", stderr);
    return 2;
  }
  upper::raise_limit();
  const auto port = static_cast<unsigned short>(std::atoi(argv[argc - 1]));
  if (udp) serve_udp(port);
  serve_tcp(port);
}
