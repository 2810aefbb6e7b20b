// Sockets of a test's own, and what is said and heard on them. Every wait gives up after 20 s.
#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/address.h"
#include "base/fd.h"

namespace trama::tests {

inline Fd client(const std::string& host, unsigned short port, int type = SOCK_STREAM) {
  const auto address = to_sockaddr({.address = *parse_address(host), .port = port});
  Fd socket{::socket(address.ss_family, type | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size_of(address)),
            0);
  return socket;
}

inline void put(const Fd& socket, std::string_view text) {
  ASSERT_EQ(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

// Reads so many bytes, or to the end.
inline std::string take(const Fd& socket, std::size_t bytes = std::string::npos) {
  std::string text;
  pollfd ready{socket.get(), POLLIN, 0};
  while (text.size() < bytes && poll(&ready, 1, 20'000) == 1) {
    std::array<char, 65536> part{};
    const ssize_t n =
        recv(socket.get(), part.data(), std::min(part.size(), bytes - text.size()), 0);
    if (n <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(n));
  }
  return text;
}

inline void reset(Fd& socket) {
  const linger now{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket.close();
}

// The next datagram, whole; fails the test where none comes.
inline std::string take_datagram(const Fd& socket) {
  std::string text(65536, '\0');
  pollfd ready{socket.get(), POLLIN, 0};
  const ssize_t n =
      poll(&ready, 1, 20'000) == 1 ? recv(socket.get(), text.data(), text.size(), 0) : -1;
  EXPECT_GE(n, 0) << "no datagram came";
  text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return text;
}

}  // namespace trama::tests
