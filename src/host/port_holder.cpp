#include "host/port_holder.h"

#include "base/say.h"
#include "base/terminal.h"
#include "host/processes.h"
#include "host/socket_table.h"

namespace trama::host {

std::string holder_of(net::Transport transport, const Endpoint& at) {
  const auto diag = open_diag();
  if (!diag) return {};
  const bool tcp = transport == net::Transport::tcp;
  const auto sockets = list_sockets(
      diag->get(), {.transport = tcp ? Transport::tcp : Transport::udp, .port = at.port});
  if (!sockets) return {};
  const Socket* holder = nullptr;
  for (const Socket& socket : *sockets) {
    const bool overlaps =
        socket.local.address == at.address || socket.local.address.is_any() || at.address.is_any();
    if (!overlaps || socket.local.port != at.port || socket.inode == 0) continue;
    const bool waits = tcp ? socket.state == TcpState::listen : socket.peer.port == 0;
    if (waits || holder == nullptr) holder = &socket;
    if (waits) break;
  }
  if (holder == nullptr) return {};
  const auto owners = Owners::read();
  const auto all = owners.of(holder->inode);
  if (all.empty()) return say("a program of user {}", name_of_user(holder->uid));
  return fmt::format("{} (pid {})", harmless(all.front().program), all.front().pid);
}

}  // namespace trama::host
