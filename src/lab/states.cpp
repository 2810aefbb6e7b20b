#include "lab/states.h"

#include <chrono>
#include <ctime>

namespace trama::lab {

using host::TcpState;
using host::Transport;

EndState States::ask(Host host, const Segment& segment, bool is_sender) const {
  const Transport transport = segment.transport;
  const Endpoint& local = is_sender ? segment.source : segment.destination;
  const Endpoint& peer = is_sender ? segment.destination : segment.source;
  const int diag = diag_[static_cast<u8>(host)];
  if (const auto found = host::find_socket(diag, transport, local, peer); found && *found) {
    if (transport == Transport::tcp) return {EndState::Kind::tcp, (*found)->state};
    return {(*found)->peer.port == 0 ? EndState::Kind::udp_bound : EndState::Kind::udp_connected};
  }
  // No connection of its own. A listener speaks for SYNs only: what else arrives for a connection
  // that is gone finds none, however many the port's listener could still open.
  if (transport == Transport::tcp && !segment.syn) return {EndState::Kind::no_socket};
  const auto all = host::list_sockets(diag, {.transport = transport, .port = local.port});
  if (!all) return {};
  for (const host::Socket& socket : *all) {
    const Address address = socket.local.address.unmapped();
    const bool takes =
        socket.local.port == local.port && (address.is_any() || address == local.address);
    if (transport == Transport::tcp && socket.state == TcpState::listen && takes)
      return {EndState::Kind::tcp, TcpState::listen};
    if (transport == Transport::udp && socket.peer.port == 0 && takes)
      return {EndState::Kind::udp_bound};
  }
  return {EndState::Kind::no_socket};
}

EndState States::read(Host host, const Segment& segment, Host sender) const {
  return ask(host, segment, host == sender);
}

bool may_move(const Segment& segment, const EndState& before) {
  if (segment.transport != Transport::tcp || before.kind != EndState::Kind::tcp) return false;
  if (segment.quoted) return before.state == TcpState::syn_sent;
  if (segment.rst) return before.state != TcpState::listen;
  switch (before.state) {
    case TcpState::listen:
    case TcpState::syn_sent:
      return segment.syn;
    case TcpState::established:
    case TcpState::fin_wait_2:
      return segment.fin;
    // An ACK may be the one of our FIN; only the sequence number tells.
    case TcpState::syn_received:
    case TcpState::fin_wait_1:
    case TcpState::closing:
    case TcpState::last_ack:
      return segment.ack;
    default:
      return false;
  }
}

EndState States::read_after(Host host, const Segment& segment, const EndState& before) const {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds{2};
  const bool patient = may_move(segment, before);
  for (;;) {
    const EndState now = ask(host, segment, false);
    if (!patient || now != before || Clock::now() >= deadline) return now;
    const timespec pause{0, 100'000};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace trama::lab
