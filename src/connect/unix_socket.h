// Conversations with a program of this machine through a socket that is a file (unix(7)).
#pragma once
#include "base/fd.h"
#include "base/result.h"
#include "connect/request.h"

namespace trama::connect {

// A connected, non-blocking socket: a stream, or for Transport::udp datagrams (with a name of the
// kernel's choice, so that answers find their way). Errors (Exit::no): no such file, nobody
// listens, no permission (Exit::no_right), the other kind of socket; a path that is too long
// (Exit::bad_input).
Result<Fd> open_unix(Transport transport, const std::string& path);

}  // namespace trama::connect
