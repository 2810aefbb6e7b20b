// The least that a server of upper case does, for bench/serve.py to hold `trama serve` against: one
// thread, one epoll, no logs, no limits, nobody waited for. Not a server for anything else.
//
//   bare_upper PORT      TCP: accepts, reads what is there, answers it; a client that does not read
//                        its answers loses them
//   bare_upper -u PORT   UDP: 64 datagrams a system call, in and out
//
// Port 0: the kernel's choice. Prints "127.0.0.1:PORT" once it listens.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t most_read = std::size_t{64} * 1024;
constexpr unsigned batch = 64;
constexpr std::size_t most_datagram = 2048;

void upper(char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const char byte = text[i];
    text[i] = static_cast<char>(byte - (byte >= 'a' && byte <= 'z' ? 0x20 : 0));
  }
}

int listener(int type, unsigned short port) {
  const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0) ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    std::perror("bare_upper");
    std::exit(1);
  }
  std::printf("127.0.0.1:%u\n", ntohs(at.sin_port));
  std::fflush(stdout);
  return fd;
}

int add(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

[[noreturn]] void serve_tcp(unsigned short port) {
  const int door = listener(SOCK_STREAM, port);
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
        upper(space.data(), static_cast<std::size_t>(got));
        send(fd, space.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      } else if (got == 0 || errno != EAGAIN) {
        close(fd);
      }
    }
  }
}

[[noreturn]] void serve_udp(unsigned short port) {
  const int fd = listener(SOCK_DGRAM, port);
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
      upper(static_cast<char*>(part.iov_base), part.iov_len);
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
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto port = static_cast<unsigned short>(std::atoi(argv[argc - 1]));
  if (udp) serve_udp(port);
  serve_tcp(port);
}
