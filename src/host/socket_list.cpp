#include "host/socket_list.h"

#include <net/if.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "base/say.h"
#include "host/socket_states.h"

namespace trama::host {
namespace {

bool is_wildcard(const Endpoint& end) { return end.port == 0 && end.address.is_any(); }

std::string interface_name(u32 index) {
  char name[IF_NAMESIZE];
  return if_indextoname(index, name) == nullptr ? std::to_string(index) : std::string{name};
}

// As ss writes it: 127.0.0.53%lo:53 where the socket is bound to an interface.
std::string local_text(const Socket& socket) {
  if (socket.interface == 0) return to_string(socket.local);
  const auto& address = socket.local.address;
  const std::string inside =
      fmt::format("{}%{}", to_string(address), interface_name(socket.interface));
  return fmt::format(fmt::runtime(address.v6 ? "[{}]:{}" : "{}:{}"), inside, socket.local.port);
}

std::string peer_text(const Socket& socket) {
  return is_wildcard(socket.peer) ? "*" : to_string(socket.peer);
}

std::string_view protocol_text(const Socket& socket) {
  if (socket.transport == Transport::tcp) return socket.v6 ? "tcp6" : "tcp";
  return socket.v6 ? "udp6" : "udp";
}

bool queue_is_full(const Socket& socket) {  // sk_acceptq_is_full: one more than the limit fits
  return socket.state == TcpState::listen && socket.receive_queue > socket.send_queue;
}

std::string state_text(const Socket& socket) {
  if (socket.state != TcpState::listen) return std::string{state_word(socket)};
  return fmt::format("LISTEN {}/{}", socket.receive_queue, socket.send_queue);
}

Colour colour_of(const Socket& socket) {
  if (queue_is_full(socket)) return Colour::red;
  switch (socket.state) {
    case TcpState::listen:
      return Colour::green;
    case TcpState::established:
      return Colour::cyan;
    case TcpState::time_wait:
    case TcpState::closed:
      return Colour::dim;
    default:
      return Colour::yellow;  // on the way up or down: worth a look if it stays
  }
}

constexpr std::size_t columns = 9;
constexpr std::size_t state_column = 5;
using Row = std::array<std::string, columns>;

}  // namespace

void sort(std::vector<Listed>& sockets) {
  std::sort(sockets.begin(), sockets.end(), [](const Listed& a, const Listed& b) {
    const auto key = [](const Socket& s) {
      return std::tuple{
          s.transport, s.state != TcpState::listen, s.local.port, s.v6, s.local.address, s.peer,
          s.cookie};
    };
    return key(*a.socket) < key(*b.socket);
  });
}

std::string owners_text(const Listed& listed, bool descriptors) {
  if (listed.owners.empty()) return listed.socket->inode == 0 ? "-" : "?";
  std::string text;
  pid_t before = 0;
  for (const Process& owner : listed.owners) {
    if (!descriptors && owner.pid == before) continue;
    before = owner.pid;
    if (!text.empty()) text += ", ";
    text += fmt::format("{}/{}", harmless(owner.program), owner.pid);
    if (descriptors) text += fmt::format("/{}", owner.fd);
  }
  return text;
}

void write_table(Out& out, const Terminal& terminal, std::span<const Listed> sockets,
                 bool extended) {
  const Row head{"Proto",      "Recv-Q",    "Send-Q", say("Local address"), say("Peer address"),
                 say("State"), say("User"), "Inode",  say("Process")};
  std::unordered_map<u32, std::string> users;
  const auto cells = [&](const Listed& listed) {
    const Socket& s = *listed.socket;
    Row row{std::string{protocol_text(s)},
            std::to_string(s.receive_queue),
            std::to_string(s.send_queue),
            local_text(s),
            peer_text(s),
            state_text(s),
            {},
            {},
            owners_text(listed, extended)};
    if (extended && s.inode != 0) {
      auto [user, is_new] = users.try_emplace(s.uid);
      if (is_new) user->second = name_of_user(s.uid);
      row[6] = user->second;
      row[7] = std::to_string(s.inode);
    } else if (extended) {
      row[6] = row[7] = "-";
    }
    return row;
  };
  std::vector<Row> rows;
  rows.reserve(sockets.size());
  for (const Listed& listed : sockets) rows.push_back(cells(listed));
  std::array<unsigned, columns> widths{};
  const auto widen = [&](const Row& row) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width(row[i]));
  };
  widen(head);
  for (const Row& row : rows) widen(row);

  const auto put = [&](const Row& row, Colour whole, Colour state) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      if (!extended && (i == 6 || i == 7)) continue;
      if (i > 0) line += "  ";
      const bool last = i + 1 == columns;
      const bool number = i == 1 || i == 2 || i == 7;
      std::string cell = last     ? row[i]
                         : number ? padded_left(row[i], widths[i])
                                  : padded(row[i], widths[i]);
      line += i == state_column ? terminal.paint(state, cell) : cell;
    }
    out.write(terminal.paint(whole, line));
    out.write("\n");
  };
  put(head, Colour::bold, Colour::plain);
  for (std::size_t i = 0; i < rows.size() && out.is_open(); ++i)
    put(rows[i], Colour::plain, colour_of(*sockets[i].socket));
}

JsonLine json_of(const Listed& listed) {
  const Socket& s = *listed.socket;
  JsonLine line{"socket"};
  line.text("transport", s.transport == Transport::tcp ? "tcp" : "udp")
      .text("family", s.v6 ? "ipv6" : "ipv4")
      .text("state", state_word(s))
      .text("local", to_string(s.local.address))
      .number("local_port", s.local.port);
  if (is_wildcard(s.peer))
    line.null("peer").null("peer_port");
  else
    line.text("peer", to_string(s.peer.address)).number("peer_port", s.peer.port);
  if (s.interface != 0) line.text("interface", interface_name(s.interface));
  if (s.state == TcpState::listen)
    line.number("accept_queue", s.receive_queue).number("backlog", s.send_queue);
  else
    line.number("recv_q", s.receive_queue).number("send_q", s.send_queue);
  if (s.inode != 0)
    line.number("uid", s.uid).number("inode", s.inode);
  else
    line.null("uid").null("inode");
  line.number("cookie", s.cookie).open("processes", '[');
  for (const Process& owner : listed.owners)
    line.open_element()
        .number("pid", owner.pid)
        .text("program", owner.program)
        .number("fd", owner.fd)
        .close('}');
  line.close(']');
  return line;
}

}  // namespace trama::host
