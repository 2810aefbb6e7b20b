// What the state words of ss, netstat and RFC 9293 stand for, in every spelling: ESTAB,
// ESTABLISHED, SYN-RECV, SYN_RCVD, FIN_WAIT1, FIN-WAIT-1, listening, LISTEN ... and ss's groups.
#pragma once
#include <string_view>

#include "host/socket_table.h"

namespace trama::host {

// Sets of states: 1 << TcpState for TCP, and two bits for UDP, which has no states of its own.
inline constexpr u32 udp_bound = 1U << 16;
inline constexpr u32 udp_connected = 1U << 17;

// The states that a word means; 0 where it is no state word.
u32 states_named(std::string_view word);

// The one bit of this socket's state.
u32 state_bit(const Socket& socket);

// What the table and JSON call it: RFC 9293's word, "bound" or "connected" for UDP, and "bound" for
// a TCP socket that neither listens nor connects.
std::string_view state_word(const Socket& socket);

}  // namespace trama::host
