#include "lab/listeners.h"

#include <gtest/gtest.h>

#include <vector>

namespace trama::lab {
namespace {

host::Socket socket_at(host::Transport transport, std::string_view address, u16 port) {
  host::Socket socket;
  socket.transport = transport;
  socket.state =
      transport == host::Transport::tcp ? host::TcpState::listen : host::TcpState::closed;
  socket.local = {*parse_address(address), port};
  return socket;
}

TEST(Listeners, PreferTheWantedPortAndIgnoreLoopback) {
  using enum host::Transport;
  const std::vector<host::Socket> sockets{
      socket_at(tcp, "127.0.0.1", 65432), socket_at(tcp, "0.0.0.0", 9000),
      socket_at(tcp, "10.9.0.2", 8000), socket_at(udp, "::", 5353)};
  const Listeners found = listeners_in(sockets, 65432, 65431);
  EXPECT_EQ(found.tcp, 8000);
  EXPECT_EQ(found.udp, 5353);
  EXPECT_EQ(listeners_in(sockets, 9000, 1).tcp, 9000);
  EXPECT_FALSE(listeners_in({}, 1, 1).tcp);
}

TEST(Listeners, AConnectedSocketIsNone) {
  host::Socket connected = socket_at(host::Transport::udp, "10.9.0.2", 65431);
  connected.peer = {*parse_address("10.9.0.1"), 4000};
  EXPECT_FALSE(listeners_in(std::span{&connected, 1}, 1, 1).udp);
}

}  // namespace
}  // namespace trama::lab
