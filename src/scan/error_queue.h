// The error queue of a socket (ip(7), IP_RECVERR): ICMP errors with type, code and sender, for
// programs without any right.
#pragma once
#include <optional>

#include "base/address.h"
#include "scan/verdict.h"

namespace trama::scan {

struct QueuedError {
  int error = 0;             // errno that belongs to it
  std::optional<Icmp> icmp;  // absent where this machine itself refused to send
  Endpoint sent_to;          // of the probe that caused it
};

// Asks the kernel to keep errors for the socket.
bool keep_errors(int fd, bool v6);

// Takes the oldest error off the queue; never waits.
std::optional<QueuedError> take_error(int fd);

// Port unreachable (RFC 792: 3/3; RFC 4443: 1/4) from the target itself is a closed port; from
// anybody else, and every other error, it is a filter.
PortState state_of(const Icmp& icmp, const Address& target);

}  // namespace trama::scan
