#include "scan/local.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "base/fd.h"
#include "host/socket_list.h"

namespace trama::scan {
namespace {

using host::Socket;
using host::TcpState;
using host::Transport;

std::pair<Transport, u16> key(const Socket& socket) {
  return {socket.transport, socket.local.port};
}

// Only sockets that could take a probe: listeners and bound ones, not connections.
bool could_take(const Socket& socket) {
  return socket.state == TcpState::closed || socket.state == TcpState::listen;
}

bool hears(const Socket& socket, const Address& target) {
  if (socket.local.address == target) return true;
  if (!socket.local.address.is_any()) return false;
  return socket.local.address.v6 == target.v6 ||
         (socket.local.address.v6 && !target.v6 && !socket.only_v6);
}

// sk_acceptq_is_full of the kernel: the queue takes one more than listen() said.
bool is_full(const Socket& socket) { return socket.receive_queue > socket.send_queue; }

Finding finding_of(const Socket& socket, const Address& target) {
  const bool waits = socket.transport == Transport::udp || socket.state == TcpState::listen;
  if (!waits) return Finding::bound;
  if (!hears(socket, target)) return Finding::elsewhere;
  return socket.transport == Transport::tcp && is_full(socket) ? Finding::full : Finding::waits;
}

// Which of several sockets at one port says most about the verdict.
unsigned rank(Finding finding) {
  constexpr unsigned ranks[] = {0, 0, 4, 3, 1, 2};
  return ranks[static_cast<u8>(finding)];
}

std::optional<std::vector<Socket>> read_table(std::span<const Verdict> verdicts) {
  const auto diag = host::open_diag();
  if (!diag) return {};
  const bool one = verdicts.size() == 1;
  auto sockets = host::list_sockets(diag->get(),
                                    {.port = one ? std::optional{verdicts[0].port} : std::nullopt});
  if (!sockets) return {};
  std::erase_if(*sockets, [](const Socket& socket) { return !could_take(socket); });
  std::sort(sockets->begin(), sockets->end(),
            [](const Socket& a, const Socket& b) { return key(a) < key(b); });
  return std::move(*sockets);
}

}  // namespace

// The interfaces' own addresses count, and all of 127/8 but its two ends: bind(2) would take
// broadcast and multicast addresses too.
bool is_local(const Endpoint& target) {
  const Address& address = target.address;
  if (address.is_loopback()) {
    const auto low = Bytes{address.bytes}.subspan(1, 3);
    return address.v6 || !(std::all_of(low.begin(), low.end(), [](u8 b) { return b == 0; }) ||
                           std::all_of(low.begin(), low.end(), [](u8 b) { return b == 0xff; }));
  }
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner{list, freeifaddrs};
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != (address.v6 ? AF_INET6 : AF_INET))
      continue;
    sockaddr_storage name{};
    std::memcpy(&name, at->ifa_addr, address.v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
    const Endpoint own = to_endpoint(name);
    if (own.address == address && own.scope == target.scope) return true;
  }
  return false;
}

std::vector<Local> join_socket_table(std::span<Verdict> verdicts, const Address& target) {
  std::vector<Local> locals(verdicts.size());
  const auto table = read_table(verdicts);
  if (!table) return locals;
  std::optional<host::Owners> owners;  // read only if somebody is found
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    Verdict& verdict = verdicts[i];
    Local& local = locals[i];
    local.finding = Finding::nobody;
    const std::pair wanted{verdict.transport, verdict.port};
    auto at = std::lower_bound(table->begin(), table->end(), wanted,
                               [](const Socket& socket, auto w) { return key(socket) < w; });
    for (; at != table->end() && key(*at) == wanted; ++at) {
      const Finding finding = finding_of(*at, target);
      if (rank(finding) <= rank(local.finding)) continue;
      local.finding = finding;
      local.socket = *at;
    }
    if (local.finding == Finding::nobody) continue;
    if (!owners) owners = host::Owners::read();
    const auto held = owners->of(local.socket.inode);
    local.processes.assign(held.begin(), held.end());
    local.owner = host::owners_text({&local.socket, local.processes}, false);
    if (verdict.transport == Transport::udp && local.finding == Finding::waits &&
        verdict.proof == Proof::silence)
      verdict.state = PortState::open;
  }
  return locals;
}

}  // namespace trama::scan
