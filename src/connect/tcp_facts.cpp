#include "connect/tcp_facts.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <limits>

namespace trama::connect {

std::optional<TcpFacts> tcp_facts(int socket) {
  tcp_info info{};  // what an old kernel does not know stays 0
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  TcpFacts facts;
  facts.round_trip = std::chrono::microseconds{info.tcpi_rtt};
  facts.variation = std::chrono::microseconds{info.tcpi_rttvar};
  // The kernel's word for "not measured yet" is the largest number.
  if (info.tcpi_min_rtt != std::numeric_limits<u32>::max())
    facts.least_trip = std::chrono::microseconds{info.tcpi_min_rtt};
  facts.acknowledged = info.tcpi_bytes_acked;
  facts.received = info.tcpi_bytes_received;
  facts.retransmitted = info.tcpi_total_retrans;
  facts.congestion_window = info.tcpi_snd_cwnd;
  facts.segment_size = info.tcpi_snd_mss;
  return facts;
}

}  // namespace trama::connect
