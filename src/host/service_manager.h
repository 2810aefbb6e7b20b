// What a service manager such as systemd agrees on with its services: sockets that it has opened
// for them, and word of how far they are. Both protocols are plain: environment variables,
// descriptors from 3 on, a datagram (sd_listen_fds(3), sd_notify(3)).
#pragma once
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace trama::host {

// The sockets handed to this process (LISTEN_PID, LISTEN_FDS), non-blocking and close-on-exec; none
// where the variables speak of no or another process. Call once: the variables are gone afterwards.
std::vector<Fd> inherited_sockets();

// "READY=1", "STOPPING=1": to NOTIFY_SOCKET; without one nobody is told.
void notify(std::string_view state);

}  // namespace trama::host
