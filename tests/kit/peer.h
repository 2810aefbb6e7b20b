// The other side of `trama connect`: servers of a test's own, which close, reset and hang at will.
#pragma once
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/fd.h"
#include "kit/program.h"

namespace trama::tests {

// A listening or bound socket of 127.0.0.1.
struct Peer {
  explicit Peer(int type = SOCK_STREAM) : socket{::socket(AF_INET, type | SOCK_CLOEXEC, 0)} {
    const auto address = to_sockaddr({.address = *parse_address("127.0.0.1")});
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size_of(address)), 0);
    if (type == SOCK_STREAM) listen(socket.get(), 10);
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size);
    number = to_endpoint(own).port;
    port = std::to_string(number);
  }
  Fd accepted() {
    pollfd ready{socket.get(), POLLIN, 0};
    EXPECT_EQ(poll(&ready, 1, 20'000), 1);
    return Fd{accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  }
  Fd socket;
  unsigned short number = 0;
  std::string port;
};

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

inline void put(const Fd& socket, std::string_view text) {
  ASSERT_EQ(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

inline void reset(Fd& socket) {
  const linger now{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket.close();
}

// A port at which nobody is: the one of a socket that was closed.
inline std::string free_port(int type = SOCK_STREAM) { return Peer{type}.port; }

inline std::vector<std::string> connect_to(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "connect");
  return trama(arguments);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace trama::tests
