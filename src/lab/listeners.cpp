#include "lab/listeners.h"

namespace trama::lab {

Listeners listeners_in(std::span<const host::Socket> sockets, u16 wanted_tcp, u16 wanted_udp) {
  Listeners found;
  const auto better = [](std::optional<u16>& port, u16 candidate, u16 wanted) {
    if (!port || candidate == wanted || (*port != wanted && candidate < *port)) port = candidate;
  };
  for (const host::Socket& socket : sockets) {
    if (socket.local.address.unmapped().is_loopback()) continue;
    if (socket.transport == host::Transport::tcp && socket.state == host::TcpState::listen)
      better(found.tcp, socket.local.port, wanted_tcp);
    if (socket.transport == host::Transport::udp && socket.peer.port == 0)
      better(found.udp, socket.local.port, wanted_udp);
  }
  return found;
}

}  // namespace trama::lab
