#include "verbs/netcat_probe.h"

#include <poll.h>
#include <sys/socket.h>

#include "connect/dial.h"
#include "connect/socket_options.h"

namespace trama {

bool takes_datagrams(const connect::Request& request, const Endpoint& peer,
                     std::string_view datagram, unsigned times, std::chrono::milliseconds pause) {
  const auto source = connect::source_for(request, peer);
  if (!source) return false;
  const auto socket = net::outgoing(net::Transport::udp, peer.address.v6, *source);
  if (!socket) return false;
  connect::apply(request.socket_options, socket->get(), peer.address.v6);
  if (net::start_connect(socket->get(), peer) != 0) return false;
  for (unsigned i = 0; i < times; ++i) {
    if (send(socket->get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) return false;
    pollfd refusal{socket->get(), 0, 0};  // POLLERR is told unasked
    if (poll(&refusal, 1, static_cast<int>(pause.count())) > 0) return false;
  }
  return true;
}

}  // namespace trama
