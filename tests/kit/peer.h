// The other side of `trama connect`: servers of a test's own, which close, reset and hang at will.
#pragma once
#include <string>
#include <vector>

#include "kit/program.h"
#include "kit/sockets.h"

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

// A port at which nobody is: the one of a socket that was closed.
inline std::string free_port(int type = SOCK_STREAM) { return Peer{type}.port; }

inline Fd came_to(const std::string& port) { return client("127.0.0.1", *parse_port(port)); }

// Runs the lines of a shell in a network namespace of its own: "$0" is trama, this side is
// 192.0.2.2, nobody answers for 192.0.2.1, and there is no way to other networks.
inline Ended run_beside_silence(const std::string& lines) {
  return run({"unshare", "-Urn", "sh", "-c",
              "ip link set lo up; ip link add v0 type veth peer name v1; "
              "ip addr add 192.0.2.2/24 dev v0; ip link set v0 up; ip link set v1 up; "
              "ip neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev v0 nud permanent; " +
                  lines,
              trama({})[0]});
}

inline std::vector<std::string> connect_to(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "connect");
  return trama(arguments);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace trama::tests
