// How a connection ends where no FIN may go out.
#pragma once
#include <sys/socket.h>

namespace trama::serve {

// Its close will send RST, and throw away what waits. Without effect on other sockets than TCP's.
inline void reset_on_close(int socket) {
  constexpr linger now{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace trama::serve
