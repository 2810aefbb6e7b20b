#include "host/socket_table.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace trama::host {
namespace {

Endpoint loopback(bool v6 = false, u16 port = 0) {
  return {*parse_address(v6 ? "::1" : "127.0.0.1"), port};
}

Endpoint name_of_socket(const Fd& fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return to_endpoint(name);
}

Fd open_at(int type, const Endpoint& local) {
  Fd fd{::socket(local.address.v6 ? AF_INET6 : AF_INET, type, 0)};
  const auto name = to_sockaddr(local);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size_of(name)), 0);
  return fd;
}

Fd listener(bool v6 = false, int backlog = 5) {
  Fd fd = open_at(SOCK_STREAM, loopback(v6));
  EXPECT_EQ(listen(fd.get(), backlog), 0);
  return fd;
}

bool connect_to(const Fd& fd, const Endpoint& peer) {
  const auto name = to_sockaddr(peer);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), size_of(name)) == 0;
}

std::vector<Socket> at_port(u16 port, std::optional<Transport> transport = {}) {
  const auto diag = open_diag();
  const auto sockets = list_sockets(diag->get(), {.transport = transport, .port = port});
  EXPECT_TRUE(sockets) << sockets.error().sentence;
  return *sockets;
}

TEST(SocketTable, ShowsAListenerWithItsQueue) {
  const Fd server = listener(false, 7);
  const u16 port = name_of_socket(server).port;
  Fd client{::socket(AF_INET, SOCK_STREAM, 0)};
  ASSERT_TRUE(connect_to(client, loopback(false, port)));
  // On a busy machine the handshake's last step comes after connect() returned.
  pollfd waiting{server.get(), POLLIN, 0};
  ASSERT_EQ(poll(&waiting, 1, 10'000), 1);
  const auto rows = at_port(port, Transport::tcp);
  ASSERT_EQ(rows.size(), 3U);  // the listener, and both ends of the connection
  const auto listens = std::find_if(rows.begin(), rows.end(),
                                    [](const Socket& s) { return s.state == TcpState::listen; });
  ASSERT_NE(listens, rows.end());
  EXPECT_EQ(listens->local, loopback(false, port));
  EXPECT_EQ(listens->receive_queue, 1U);
  EXPECT_EQ(listens->send_queue, 7U);
  EXPECT_EQ(listens->uid, getuid());
  EXPECT_NE(listens->inode, 0U);
  EXPECT_NE(listens->cookie, 0U);
}

TEST(SocketTable, SeesEveryStateOfAConnection) {
  const Fd server = listener();
  const Endpoint here = name_of_socket(server);
  Fd client{::socket(AF_INET, SOCK_STREAM, 0)};
  ASSERT_TRUE(connect_to(client, here));
  Fd accepted{accept(server.get(), nullptr, nullptr)};
  const Endpoint there = name_of_socket(client);
  const auto diag = open_diag();
  const auto state_of = [&](const Endpoint& local, const Endpoint& peer) {
    const auto found = find_socket(diag->get(), Transport::tcp, local, peer);
    EXPECT_TRUE(found);
    return *found ? (*found)->state : TcpState::none;
  };
  // Loopback delivers a segment soon, but on a busy machine not before the call returns.
  const auto state_in_the_end = [&](const Endpoint& local, const Endpoint& peer, TcpState awaited) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    TcpState state = state_of(local, peer);
    while (state != awaited && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
      state = state_of(local, peer);
    }
    return state;
  };
  EXPECT_EQ(state_of(there, here), TcpState::established);
  shutdown(client.get(), SHUT_WR);
  const TcpState closing = state_of(there, here);  // whether the FIN's ACK has come yet
  EXPECT_TRUE(closing == TcpState::fin_wait_1 || closing == TcpState::fin_wait_2);
  EXPECT_EQ(state_in_the_end(here, there, TcpState::close_wait), TcpState::close_wait);
  accepted.close();
  client.close();
  EXPECT_EQ(state_in_the_end(there, here, TcpState::time_wait), TcpState::time_wait);
  EXPECT_EQ(state_in_the_end(here, there, TcpState::none), TcpState::none);  // not the listener
  auto rows = at_port(there.port, Transport::tcp);
  // Other programs' connections may have the same port, to other places.
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](const auto& row) { return !(row.peer == here); }),
             rows.end());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].state, TcpState::time_wait);
  EXPECT_EQ(rows[0].inode, 0U);
}

TEST(SocketTable, KeepsMappedAddressesAsIpv4) {
  Fd server{::socket(AF_INET6, SOCK_STREAM, 0)};
  const auto any = to_sockaddr({Address{.v6 = true}});
  ASSERT_EQ(bind(server.get(), reinterpret_cast<const sockaddr*>(&any), size_of(any)), 0);
  ASSERT_EQ(listen(server.get(), 5), 0);
  const u16 port = name_of_socket(server).port;
  Fd client{::socket(AF_INET, SOCK_STREAM, 0)};
  ASSERT_TRUE(connect_to(client, loopback(false, port)));
  const Fd accepted{accept(server.get(), nullptr, nullptr)};
  const auto diag = open_diag();
  const auto found =
      find_socket(diag->get(), Transport::tcp, loopback(false, port), name_of_socket(client));
  ASSERT_TRUE(found && *found);
  EXPECT_TRUE((*found)->v6);
  EXPECT_EQ((*found)->local, loopback(false, port));
  const auto rows = at_port(port);
  const auto listens = std::find_if(rows.begin(), rows.end(),
                                    [](const Socket& s) { return s.state == TcpState::listen; });
  ASSERT_NE(listens, rows.end());
  EXPECT_TRUE(listens->local.address.v6);
  EXPECT_FALSE(listens->only_v6);
}

TEST(SocketTable, TellsSocketsThatTakeOnlyIpv6) {
  Fd server{::socket(AF_INET6, SOCK_DGRAM, 0)};
  const int on = 1;
  setsockopt(server.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const auto any = to_sockaddr({Address{.v6 = true}});
  ASSERT_EQ(bind(server.get(), reinterpret_cast<const sockaddr*>(&any), size_of(any)), 0);
  const auto rows = at_port(name_of_socket(server).port, Transport::udp);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].only_v6);
}

TEST(SocketTable, TellsUdpBoundFromConnected) {
  const Fd server = open_at(SOCK_DGRAM, loopback());
  const Endpoint here = name_of_socket(server);
  Fd client{::socket(AF_INET, SOCK_DGRAM, 0)};
  ASSERT_TRUE(connect_to(client, here));
  ASSERT_EQ(send(client.get(), "hello", 5, 0), 5);
  const auto rows = at_port(here.port, Transport::udp);
  ASSERT_EQ(rows.size(), 2U);
  for (const Socket& row : rows)
    if (row.local == here) {
      EXPECT_EQ(row.state, TcpState::closed);
      EXPECT_GT(row.receive_queue, 0U);
    } else {
      EXPECT_EQ(row.state, TcpState::established);
      EXPECT_EQ(row.peer, here);
    }
  const auto diag = open_diag();
  const auto connected = find_socket(diag->get(), Transport::udp, name_of_socket(client), here);
  ASSERT_TRUE(connected && *connected);
  EXPECT_EQ((*connected)->peer, here);
  const auto bound = find_socket(diag->get(), Transport::udp, here, {});
  ASSERT_TRUE(bound && *bound);
  EXPECT_EQ((*bound)->local, here);
}

TEST(SocketTable, ShowsHalfOpenRequests) {
  const Fd server = listener(true, 0);
  const Endpoint here = name_of_socket(server);
  std::vector<Fd> clients;
  for (int i = 0; i < 3; ++i) {  // the accept queue of 0 takes one; the others stay half-open
    clients.emplace_back(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0));
    connect_to(clients.back(), here);
  }
  const auto rows = at_port(here.port, Transport::tcp);
  EXPECT_GE(std::count_if(rows.begin(), rows.end(),
                          [](const Socket& s) {
                            return s.state == TcpState::syn_sent ||
                                   s.state == TcpState::syn_received;
                          }),
            1);
}

TEST(SocketTable, ShowsTcpSocketsThatAreOnlyBound) {
  const Fd bound = open_at(SOCK_STREAM, loopback());
  const auto rows = at_port(name_of_socket(bound).port, Transport::tcp);
  for (const Socket& row : rows) EXPECT_EQ(row.state, TcpState::closed);
}

TEST(SocketTable, ListsMoreThanOneBufferHolds) {
  std::vector<Fd> many;
  for (int i = 0; i < 600; ++i) many.push_back(open_at(SOCK_DGRAM, loopback()));
  const auto diag = open_diag();
  const auto all = list_sockets(diag->get(), {.transport = Transport::udp, .v6 = false});
  ASSERT_TRUE(all);
  for (const Fd& fd : many) {
    const Endpoint name = name_of_socket(fd);
    EXPECT_EQ(
        std::count_if(all->begin(), all->end(), [&](const Socket& s) { return s.local == name; }),
        1);
  }
}

}  // namespace
}  // namespace trama::host
