// Opens a TCP connection: a host's addresses race as RFC 8305 has it; of each that failed is said
// why.
#pragma once
#include <span>

#include "connect/run.h"

namespace trama::connect {

// A connected, non-blocking socket. Ctrl-C ends the wait: Error with Exit::interrupted and no
// sentence. Other errors are those of the address that failed last (Exit::no, or listen_at's for a
// wrong source).
Result<Fd> dial(const Run& run, const Request& request, std::span<const Endpoint> peers,
                Next after_last = Next::nothing);

// The source to bind to for this peer, where the request names one.
// Error (Exit::bad_input): the source address is of the other family.
Result<std::optional<Endpoint>> source_for(const Request& request, const Endpoint& peer);

// A socket for going out from the source. Errors as of net::outgoing; the one for a port that is
// taken says who holds it.
Result<Fd> outgoing_from(Transport transport, bool v6, const std::optional<Endpoint>& source);

// Why connect(2) failed, step and remedy in words.
Error connect_error(const Endpoint& peer, int number, std::chrono::nanoseconds waited);

}  // namespace trama::connect
