// What the bare servers of upper case share.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>

namespace upper {

[[noreturn]] inline void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

// ASCII letters become capitals, in place.
inline void change(char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const char byte = text[i];
    text[i] = static_cast<char>(byte - (byte >= 'a' && byte <= 'z' ? 0x20 : 0));
  }
}

// A socket of loopback that listens (SOCK_STREAM) or is bound (SOCK_DGRAM); `type` may hold
// SOCK_NONBLOCK. Prints "127.0.0.1:PORT"; port 0: the kernel's choice.
inline int listener(int type, unsigned short port) {
  const bool stream = (type & ~SOCK_NONBLOCK) == SOCK_STREAM;
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (stream) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      (stream && listen(fd, SOMAXCONN) != 0) ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    give_up("listener");
  std::printf("127.0.0.1:%u\n", ntohs(at.sin_port));
  std::fflush(stdout);
  return fd;
}

// As many descriptors as the kernel grants.
inline void raise_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace upper
