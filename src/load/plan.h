// What a load is to be, as values.
#pragma once
#include <chrono>

#include "base/address.h"
#include "net/socket.h"

namespace trama::load {

using net::Transport;

// What the server is to do with a message.
enum class Expect {
  upper,  // answer it in upper case
  echo,   // answer it as it is
  any,    // answer something: a line, or a datagram
  room,   // TCP: the last connection writes, all others get what it wrote
  none,   // answer nothing
};

struct Plan {
  Transport transport = Transport::tcp;
  Endpoint peer;
  u32 connections = 1;  // UDP: sockets
  std::chrono::nanoseconds duration = std::chrono::seconds{5};
  std::size_t size = 64;  // bytes of a message
  u32 window = 1;         // messages that one connection has under way at most
  u64 rate = 0;           // messages a second, all together; 0: a closed loop
  Expect expect = Expect::upper;
  // How long to wait for a connection, and for an answer once nothing more is sent; UDP: for every
  // answer, until it counts as lost.
  std::chrono::nanoseconds patience = std::chrono::seconds{1};
  bool accepts = false;  // TCP: a connection for each message
};

// Bounds of a plan, so that memory is bounded.
constexpr u32 most_connections = 200'000;
constexpr u32 most_window = 4096;
constexpr std::size_t most_size = std::size_t{1024} * 1024;  // bytes
constexpr u64 most_under_way = 4'000'000;                    // messages of all connections
constexpr std::size_t smallest_datagram =
    5;  // bytes: a number, so that answers find their question

// Loopback, link-local, and what RFC 1918 and RFC 4193 keep for private networks.
bool is_private(const Address& address);

}  // namespace trama::load
