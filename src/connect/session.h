// One run of `trama connect`: from a host's name to the exit status.
#pragma once
#include <span>

#include "connect/run.h"

namespace trama::connect {

// Looks the host up, connects (TCP: address after address; UDP: the first one that has a route) and
// talks until one side ends, again where the request wants so. Exit::yes only if it worked. Errors
// name the step that failed: name not found, no route, refused, timed out, reset (Exit::no), lost
// output (the journal's too); Exit::interrupted on Ctrl-C.
Result<Exit> talk(const Request& request, u16 port, Audience& audience, Journal& journal);

// Opens and closes a TCP connection to each port, no data. Exit::yes if any was open.
Result<Exit> try_ports(const Request& request, std::span<const u16> ports, Audience& audience);

// Opens and closes a Unix socket.
Result<Exit> try_path(const Request& request, Audience& audience);

}  // namespace trama::connect
