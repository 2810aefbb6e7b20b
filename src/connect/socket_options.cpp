#include "connect/socket_options.h"

#include <sys/socket.h>

namespace trama::connect {

void apply(std::span<const SocketOption> options, int socket, bool v6) {
  using For = SocketOption::For;
  for (const SocketOption& option : options)
    if (option.family == For::both || (option.family == For::v6) == v6)
      setsockopt(socket, option.level, option.name, &option.value, sizeof option.value);
}

}  // namespace trama::connect
