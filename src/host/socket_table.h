// The kernel's own table of TCP and UDP sockets, asked through sock_diag (NETLINK_SOCK_DIAG,
// sock_diag(7)); no right is needed. One call is one dump.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"
#include "wire/tcp_state.h"

namespace trama::host {

enum class Transport { tcp, udp };

using wire::name_of;
using wire::TcpState;

struct Socket {
  Transport transport = Transport::tcp;
  TcpState state = TcpState::none;  // UDP: closed is "bound", established is "connected"
  Endpoint local, peer;
  u32 receive_queue = 0;  // bytes not read yet; LISTEN: connections that wait for accept()
  u32 send_queue = 0;     // bytes not acknowledged yet; LISTEN: the accept queue's limit
  u32 uid = 0;
  u64 inode = 0;  // 0 where nobody owns it any more (TIME_WAIT, SYN_RECV)
  u64 cookie = 0;
  u32 interface = 0;  // the index of the interface it is bound to, 0 for none
  bool v6 = false;  // the socket's own family; a v6 socket may hold mapped v4 addresses, told as v4
  bool only_v6 = false;
};

// What to dump; both port filters are run by the kernel (INET_DIAG bytecode).
struct SocketQuery {
  std::optional<Transport> transport{};  // both where empty
  std::optional<bool> v6{};              // both where empty
  std::optional<u16> port{};             // local or peer
};

// A socket to ask; it stays with the network namespace in which it was opened, so one opened inside
// another namespace (and handed over) asks that one.
Result<Fd> open_diag();

// Every socket that the query names, TIME_WAIT, half-open requests and TCP sockets that are only
// bound (closed) too. Errors: the kernel lacks the sock_diag module (the sentence names it).
Result<std::vector<Socket>> list_sockets(int diag, const SocketQuery& query = {});

// One connection, looked up without a dump; nothing where the kernel knows none with both ends
// (never the listener that would take it). A wildcard peer finds the socket bound to `local`.
Result<std::optional<Socket>> find_socket(int diag, Transport transport, const Endpoint& local,
                                          const Endpoint& peer);

}  // namespace trama::host
