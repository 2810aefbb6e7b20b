// TLS over a connected socket, as a client, with OpenSSL.
#pragma once
#include <memory>

#include "connect/channel.h"
#include "connect/run.h"

namespace trama::connect {

// Shakes hands and proves that the peer is the request's host: its certificate must be signed by
// one of the system's authorities (or those of --ca) and name the host. With --insecure the proof
// is left out. The request's wait limits the handshake. Errors: a file that cannot be used
// (Exit::bad_input), a peer that is not proven, speaks no TLS, or is silent (Exit::no),
// Exit::interrupted.
Result<std::unique_ptr<Channel>> open_tls(const Run& run, int socket, const Request& request);

}  // namespace trama::connect
