#include "host/socket_table.h"

namespace trama::host {

std::string_view name_of(TcpState state) {
  constexpr std::string_view names[] = {
      "",       "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT",
      "CLOSED", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",    "SYN_RCVD"};
  return names[static_cast<u8>(state)];
}

}  // namespace trama::host
