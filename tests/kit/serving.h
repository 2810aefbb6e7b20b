// The server as a test meets it: the real program, and sockets that talk to it.
#pragma once
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/fd.h"
#include "kit/program.h"

namespace trama::tests {

inline Fd client(const std::string& host, unsigned short port, int type = SOCK_STREAM) {
  const auto address = to_sockaddr({.address = *parse_address(host), .port = port});
  Fd socket{::socket(address.ss_family, type | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size_of(address)),
            0);
  return socket;
}

inline void put(const Fd& socket, std::string_view text) {
  ASSERT_EQ(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

// Reads so many bytes, or to the end; gives up after 20 s.
inline std::string take(const Fd& socket, std::size_t bytes) {
  std::string text;
  pollfd ready{socket.get(), POLLIN, 0};
  while (text.size() < bytes && poll(&ready, 1, 20'000) == 1) {
    char part[65536];
    const ssize_t n = recv(socket.get(), part, std::min(sizeof part, bytes - text.size()), 0);
    if (n <= 0) break;
    text.append(part, static_cast<std::size_t>(n));
  }
  return text;
}

// Waits for the server's FIN (true) or RST (false).
inline bool ends_with_fin(const Fd& socket) {
  char byte = 0;
  pollfd ready{socket.get(), POLLIN, 0};
  return poll(&ready, 1, 20'000) == 1 && recv(socket.get(), &byte, 1, 0) == 0;
}

inline void reset(Fd& socket) {
  const linger now{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  socket.close();
}

inline long resident_kib(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  return 0;
}

struct Server : Program {
  explicit Server(std::vector<std::string> arguments, std::vector<std::string> environment = {})
      : Program{[&] {
                  arguments.insert(arguments.begin(), "serve");
                  return trama(arguments);
                }(),
                std::move(environment)} {}
  unsigned short port(std::string_view transport) {
    return port_in(wait_for("this machine only"), transport);
  }
};

// The next datagram, whole; fails the test after 20 s.
inline std::string take_datagram(const Fd& socket) {
  std::string text(65536, '\0');
  pollfd ready{socket.get(), POLLIN, 0};
  const ssize_t n =
      poll(&ready, 1, 20'000) == 1 ? recv(socket.get(), text.data(), text.size(), 0) : -1;
  EXPECT_GE(n, 0) << "no datagram came";
  text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return text;
}

// Reads up to and with the text; gives up after 20 s.
inline std::string take_until(const Fd& socket, std::string_view text) {
  std::string got;
  while (got.find(text) == got.npos) {
    const auto byte = take(socket, 1);
    if (byte.empty()) {
      ADD_FAILURE() << "\"" << text << "\" never came; there came: " << got;
      return got;
    }
    got += byte;
  }
  return got;
}

}  // namespace trama::tests
