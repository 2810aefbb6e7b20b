// Who holds a port of this machine, for the sentence that says that it is taken.
#pragma once
#include <string>

#include "base/address.h"
#include "net/socket.h"

namespace trama::host {

// "python3 (pid 12)", by sock_diag and /proc: whoever waits at the port, or else who has it for a
// connection; "a program of user bea" where the process may not be seen; "" where the kernel shows
// no such socket.
std::string holder_of(net::Transport transport, const Endpoint& at);

}  // namespace trama::host
