// What the kernel measured of a TCP connection (TCP_INFO, tcp(7)).
#pragma once
#include <chrono>
#include <optional>

#include "base/bytes.h"

namespace trama::connect {

struct TcpFacts {
  std::chrono::microseconds round_trip{};  // smoothed (RFC 6298 section 2: SRTT)
  std::chrono::microseconds variation{};   // RTTVAR
  std::chrono::microseconds least_trip{};  // the smallest seen of late
  u64 acknowledged = 0, received = 0;      // bytes; SYN and FIN count as one
  u64 retransmitted = 0;                   // segments
  u64 congestion_window = 0;               // segments that may be under way
  u64 segment_size = 0;                    // bytes of payload in a segment, at most
};

// Nothing where the socket is none of TCP.
std::optional<TcpFacts> tcp_facts(int socket);

}  // namespace trama::connect
