// One run of `trama connect`: from a host's name to the exit status.
#pragma once
#include <span>

#include "connect/events.h"
#include "net/loop.h"

namespace trama::connect {

// Looks the host up, connects (TCP: address after address; UDP: the first one that has a route) and
// talks until one side ends. Exit::yes only if it worked. Errors name the step that failed: name
// not found, no route, refused, timed out, reset (Exit::no), lost output; Exit::interrupted on
// Ctrl-C.
Result<Exit> talk(const Request& request, u16 port, Audience& audience);

// Opens and closes a TCP connection to each port, no data. Exit::yes if any was open.
Result<Exit> try_ports(const Request& request, std::span<const u16> ports, Audience& audience);

}  // namespace trama::connect
