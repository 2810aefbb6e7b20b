// The states of one end of a TCP connection (RFC 9293 section 3.3.2), numbered as Linux numbers
// them (include/net/tcp_states.h), so that what the kernel says needs no translation.
#pragma once
#include <string_view>

#include "base/bytes.h"

namespace trama::wire {

enum class TcpState : u8 {
  none = 0,  // nothing is known, or there is no socket
  established = 1,
  syn_sent,
  syn_received,
  fin_wait_1,
  fin_wait_2,
  time_wait,
  closed,
  close_wait,
  last_ack,
  listen,
  closing,
  new_syn_received,  // the kernel's half-open requests, shown as SYN_RCVD
};

// RFC 9293's words, with underscores: never translated.
constexpr std::string_view name_of(TcpState state) {
  constexpr std::string_view names[] = {
      "",       "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT",
      "CLOSED", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",    "SYN_RCVD"};
  return names[static_cast<u8>(state)];
}

}  // namespace trama::wire
