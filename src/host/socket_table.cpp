#include "host/socket_table.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/say.h"

namespace trama::host {
namespace {

// The kernel caps one piece of a dump at 32 KiB (netlink_dump); less would cut rows off.
constexpr std::size_t buffer_size = std::size_t{64} * 1024;
constexpr u32 every_state = 0x3fff;  // bit 13: bound only, since Linux 6.8; older ones ignore it
constexpr unsigned most_tries = 4;   // of a dump that the table's changes made inconsistent

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

int protocol_of(Transport transport) {
  return transport == Transport::tcp ? IPPROTO_TCP : IPPROTO_UDP;
}

u32 next_sequence() {
  static std::atomic<u32> sequence{1};
  return sequence++;
}

Request request_for(Transport transport, bool v6, u16 flags) {
  Request request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = static_cast<u16>(NLM_F_REQUEST | flags);
  request.header.nlmsg_seq = next_sequence();
  request.body.sdiag_family = v6 ? AF_INET6 : AF_INET;
  request.body.sdiag_protocol = static_cast<u8>(protocol_of(transport));
  request.body.idiag_states = every_state;
  return request;
}

// `sport == port or dport == port` as the kernel's filter code: accepted is who arrives exactly at
// its end, refused who jumps 4 bytes beyond (net/ipv4/inet_diag.c, inet_diag_bc_run).
struct PortFilter {
  explicit PortFilter(u16 port)
      : code{
            {{INET_DIAG_BC_S_EQ, 8, 12},
             {0, 0, port},
             {INET_DIAG_BC_JMP, 4, 12},
             {INET_DIAG_BC_D_EQ, 8, 12},
             {0, 0, port}}
  } {}
  rtattr attribute{sizeof(rtattr) + 5 * sizeof(inet_diag_bc_op), INET_DIAG_REQ_BYTECODE};
  std::array<inet_diag_bc_op, 5> code;
};

Endpoint endpoint_of(const inet_diag_sockid& id, bool v6, bool local) {
  std::array<u8, 16> bytes{};
  std::memcpy(bytes.data(), local ? id.idiag_src : id.idiag_dst, bytes.size());
  Endpoint end{address_of(Bytes{bytes}.first(v6 ? 16 : 4)).unmapped(),
               ntohs(local ? id.idiag_sport : id.idiag_dport)};
  const bool link_local =
      end.address.v6 && end.address.bytes[0] == 0xfe && (end.address.bytes[1] & 0xc0U) == 0x80;
  if (link_local) end.scope = id.idiag_if;
  return end;
}

// The one-byte attribute INET_DIAG_SKV6ONLY, which v6 sockets that listen or are bound carry.
bool says_only_v6(Bytes attributes) {
  while (attributes.size() >= sizeof(rtattr)) {
    rtattr attribute{};
    std::memcpy(&attribute, attributes.data(), sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > attributes.size()) return false;
    if (attribute.rta_type == INET_DIAG_SKV6ONLY && attribute.rta_len > sizeof attribute)
      return attributes[sizeof attribute] != 0;
    attributes =
        attributes.subspan(std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), attributes.size()));
  }
  return false;
}

std::optional<Socket> socket_of(Transport transport, Bytes payload) {
  inet_diag_msg message{};
  if (payload.size() < sizeof message) return {};
  std::memcpy(&message, payload.data(), sizeof message);
  constexpr u8 bound_inactive = 13;
  u8 state = message.idiag_state;
  if (state == static_cast<u8>(TcpState::new_syn_received))
    state = static_cast<u8>(TcpState::syn_received);
  if (state >= bound_inactive) state = static_cast<u8>(TcpState::closed);
  const bool v6 = message.idiag_family == AF_INET6;
  return Socket{
      .transport = transport,
      .state = static_cast<TcpState>(state),
      .local = endpoint_of(message.id, v6, true),
      .peer = endpoint_of(message.id, v6, false),
      .receive_queue = message.idiag_rqueue,
      .send_queue = message.idiag_wqueue,
      .uid = message.idiag_uid,
      .inode = message.idiag_inode,
      .cookie = u64{message.id.idiag_cookie[1]} << 32 | message.id.idiag_cookie[0],
      .interface = message.id.idiag_if,
      .v6 = v6,
      .only_v6 = v6 && says_only_v6(payload.subspan(NLMSG_ALIGN(sizeof message))),
  };
}

tl::unexpected<Error> refused(int number) {
  if (number == ENOENT || number == EINVAL || number == EPROTONOSUPPORT || number == EOPNOTSUPP)
    return fail(Exit::no,
                say("this kernel cannot list its sockets ({}); load the modules that can: sudo "
                    "modprobe -a tcp_diag udp_diag",
                    errno_text(number)),
                number);
  return fail(Exit::no, say("cannot ask the kernel for its sockets: {}", errno_text(number)),
              number);
}

Result<void> send_request(int diag, const Request& request, const PortFilter* filter) {
  Request sent = request;
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  iovec parts[2] = {
      {&sent,                           sizeof sent   },
      {const_cast<PortFilter*>(filter), sizeof *filter}
  };
  if (filter != nullptr) sent.header.nlmsg_len += sizeof *filter;
  msghdr message{};
  message.msg_name = &kernel;
  message.msg_namelen = sizeof kernel;
  message.msg_iov = parts;
  message.msg_iovlen = filter == nullptr ? 1 : 2;
  ssize_t sent_bytes = 0;
  do sent_bytes = sendmsg(diag, &message, 0);
  while (sent_bytes < 0 && errno == EINTR);
  if (sent_bytes < 0) return refused(errno);
  return {};
}

struct Answer {
  bool interrupted = false;  // the table changed while the kernel walked it
  int error = 0;             // what the kernel said instead of rows, as errno
};

// Reads the answer to one request. Messages of earlier requests that somebody gave up are skipped.
Result<Answer> read_answer(int diag, const Request& request, bool dump,
                           const std::function<void(Bytes)>& row) {
  std::vector<u8> buffer(buffer_size);
  Answer answer;
  for (;;) {
    const ssize_t n = recv(diag, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refused(errno);
    Bytes left{buffer.data(), static_cast<std::size_t>(n)};
    while (left.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      std::memcpy(&header, left.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > left.size()) break;
      const Bytes payload = left.subspan(sizeof header, header.nlmsg_len - sizeof header);
      left = left.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), left.size()));
      if (header.nlmsg_seq != request.header.nlmsg_seq) continue;
      if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) answer.interrupted = true;
      if (header.nlmsg_type == NLMSG_ERROR) {
        int number = 0;
        if (payload.size() >= sizeof number) std::memcpy(&number, payload.data(), sizeof number);
        answer.error = -number;
        return answer;
      }
      if (header.nlmsg_type == NLMSG_DONE) {
        int number = 0;
        if (payload.size() >= sizeof number) std::memcpy(&number, payload.data(), sizeof number);
        answer.error = number < 0 ? -number : 0;
        return answer;
      }
      if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY) row(payload);
      if (!dump) return answer;
    }
  }
}

Result<void> dump(int diag, Transport transport, bool v6, std::optional<u16> port,
                  std::vector<Socket>& out) {
  const std::size_t before = out.size();
  const std::optional<PortFilter> filter = port ? std::optional<PortFilter>{*port} : std::nullopt;
  for (unsigned tries = 1;; ++tries) {
    out.resize(before);
    const Request request = request_for(transport, v6, NLM_F_DUMP);
    if (auto sent = send_request(diag, request, filter ? &*filter : nullptr); !sent) return sent;
    const auto answer = read_answer(diag, request, true, [&](Bytes payload) {
      if (auto socket = socket_of(transport, payload)) out.push_back(*socket);
    });
    if (!answer) return fail(answer);
    if (answer->error != 0) return refused(answer->error);
    if (!answer->interrupted || tries == most_tries) return {};
  }
}

void put_end(const Endpoint& end, bool v6, u32 (&address)[4], u16& port) {
  std::array<u8, 16> bytes = end.address.bytes;
  if (v6 && !end.address.v6 && !end.address.is_any()) {  // a v4 end of a v6 socket: ::ffff:a.b.c.d
    bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    std::memcpy(bytes.data() + 12, end.address.bytes.data(), 4);
  }
  std::memcpy(address, bytes.data(), bytes.size());
  port = htons(end.port);
}

bool is_wildcard(const Endpoint& end) { return end.port == 0 && end.address.is_any(); }

Result<std::optional<Socket>> look_up(int diag, Transport transport, const Endpoint& local,
                                      const Endpoint& peer) {
  const bool v6 = local.address.v6 || peer.address.v6;
  Request request = request_for(transport, v6, 0);
  auto& id = request.body.id;
  put_end(local, v6, id.idiag_src, id.idiag_sport);
  put_end(peer, v6, id.idiag_dst, id.idiag_dport);
  id.idiag_if = local.scope != 0 ? local.scope : peer.scope;
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (auto sent = send_request(diag, request, nullptr); !sent) return fail(sent);
  std::optional<Socket> found;
  const auto answer = read_answer(diag, request, false,
                                  [&](Bytes payload) { found = socket_of(transport, payload); });
  if (!answer) return fail(answer);
  if (answer->error != 0 && answer->error != ENOENT) return refused(answer->error);
  return found;
}

}  // namespace

Result<Fd> open_diag() {
  Fd diag{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  if (!diag.is_open())
    return fail(Exit::no, say("cannot ask the kernel for its sockets: {}", errno_text(errno)),
                errno);
  return diag;
}

Result<std::vector<Socket>> list_sockets(int diag, const SocketQuery& query) {
  std::vector<Socket> sockets;
  for (const Transport transport : {Transport::tcp, Transport::udp}) {
    if (query.transport && *query.transport != transport) continue;
    for (const bool v6 : {false, true}) {
      if (query.v6 && *query.v6 != v6) continue;
      if (auto dumped = dump(diag, transport, v6, query.port, sockets); !dumped)
        return fail(dumped);
    }
  }
  return sockets;
}

Result<std::optional<Socket>> find_socket(int diag, Transport transport, const Endpoint& local,
                                          const Endpoint& peer) {
  // The kernel looks up as an arriving packet does, so it may answer with a listener or with a UDP
  // socket that takes from everybody: a row counts only where it holds both ends.
  const auto same = [](const Endpoint& a, const Endpoint& b) {
    return a.port == b.port && a.address == b.address.unmapped();
  };
  const auto wanted = [&](const Socket& socket) {
    if (!is_wildcard(peer)) return same(socket.local, local) && same(socket.peer, peer);
    return is_wildcard(socket.peer) && socket.local.port == local.port;
  };
  // UDP's lookup takes the two ends the other way round (net/ipv4/udp_diag.c, udp_dump_one).
  auto found = transport == Transport::tcp ? look_up(diag, transport, local, peer)
                                           : look_up(diag, transport, peer, local);
  if (found && *found && !wanted(**found)) found->reset();
  return found;
}

}  // namespace trama::host
