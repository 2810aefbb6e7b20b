// The kernel's table of sockets, filtered and with its owners: netstat and ss in one.
#include <unistd.h>

#include <algorithm>

#include "base/json.h"
#include "host/socket_filter.h"
#include "host/socket_list.h"
#include "host/socket_states.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama sockets",                                    N_("every TCP and UDP socket of this machine, and whose it is")},
    {"trama sockets 65431",                              N_("those with this port at either end")                       },
    {"trama sockets -tulpan",                            N_("as you type it for netstat")                               },
    {"trama sockets -l",                                 N_("who waits for connections or datagrams")                   },
    {"trama sockets 'tcp.port == 65432 and not LISTEN'", N_("chosen in Wireshark's words")                              },
    {"trama sockets state established dst 10.0.0.0/8",   N_("chosen in ss's words")                                     },
};

constexpr Option options[] = {
    {"tcp",       "t", "", "", N_("TCP sockets")                                              },
    {"udp",       "u", "", "", N_("UDP sockets")                                              },
    {"listening", "l", "", "", N_("only listening TCP sockets and UDP sockets without a peer")},
    {"all",       "a", "", "", N_("sockets in every state, even with -l")                     },
    {"ipv4",      "4", "", "", N_("only sockets of IPv4")                                     },
    {"ipv6",      "6", "", "", N_("only sockets of IPv6 (they may carry IPv4 too)")           },
    {"extended",  "e", "", "", N_("user, inode and descriptors too")                          },
    {"processes", "p", "", "", N_("the processes that own each (always shown)")               },
    {"programs",  "",  "", "", N_("the same, as netstat calls it")                            },
    {"numeric",   "n", "", "", N_("numbers, not names (always so)")                           },
    {"count",     "",  "", "", N_("only how many there are")                                  },
};

constexpr std::string_view notes = N_(
    "Filter words: port, tcp.port, tcp.srcport, tcp.dstport (udp. the same), ip.addr, ip.src, "
    "ip.dst\n"
    "(ipv6. the same), state, pid, program, user, uid, fd, inode, recv_q, send_q; ss's sport, "
    "dport,\n"
    "src, dst, state, exclude. src is the local end. Compare with == != < <= > >= in {a, b..c}\n"
    "contains; join with and, or, not and parentheses. States are known in every spelling: ESTAB,\n"
    "ESTABLISHED, SYN-RECV, FIN_WAIT1.\n"
    "LISTEN 3/128: three connections wait to be accepted, and 128 may.\n"
    "Process: name/pid; - where nobody owns the socket (not accepted yet, or closed), ? where you\n"
    "may not see who.\n"
    "Exit status: 0 sockets were shown, 1 none matched, 2 the filter is wrong.");

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

host::SocketQuery query_of(const Parsed& given, const host::SocketFilter& filter) {
  host::SocketQuery query = filter.query();
  if (given.has("tcp") != given.has("udp") && !query.transport)
    query.transport = given.has("tcp") ? host::Transport::tcp : host::Transport::udp;
  if (given.has("ipv4") != given.has("ipv6")) query.v6 = given.has("ipv6");
  return query;
}

void hint_at_hidden(const std::vector<host::Listed>& asked, const host::Owners& owners, Io& io) {
  const auto hidden = static_cast<unsigned long long>(
      std::count_if(asked.begin(), asked.end(), [](const host::Listed& listed) {
        return listed.socket->inode != 0 && listed.owners.empty();
      }));
  if (hidden == 0 || !owners.hides_some()) return;
  io.out.flush();
  if (geteuid() == 0) {  // sudo would not help
    io.err.print("{}\n", say_n("{} socket (?) belongs to a process that cannot be seen from here: "
                               "it is in another container, or CAP_SYS_PTRACE is missing.",
                               "{} sockets (?) belong to processes that cannot be seen from here: "
                               "they are in another container, or CAP_SYS_PTRACE is missing.",
                               hidden, hidden));
    return;
  }
  io.err.print("{}\n", say_n("{} socket (?) belongs to somebody else's process: sudo trama sockets "
                             "shows which.",
                             "{} sockets (?) belong to somebody else's processes: sudo trama "
                             "sockets shows which.",
                             hidden, hidden));
}

Result<Exit> run(const Parsed& given, Io& io) {
  const std::string words = joined(given.operands);
  const auto filter = host::SocketFilter::parse(words);
  if (!filter) return fail(filter);
  const auto diag = host::open_diag();
  if (!diag) return fail(diag);
  const auto sockets = host::list_sockets(diag->get(), query_of(given, *filter));
  if (!sockets) return fail(sockets);

  const bool count_only = given.has("count") && !filter->needs_owners();
  const host::Owners owners = count_only ? host::Owners{} : host::Owners::read();
  constexpr u32 waiting = 1U << static_cast<unsigned>(host::TcpState::listen) | host::udp_bound;
  const bool any_transport = given.has("tcp") == given.has("udp");
  std::vector<host::Listed> shown;
  std::vector<host::Listed> left_out;
  for (const host::Socket& socket : *sockets) {
    const auto held = owners.of(socket.inode);
    const bool tcp = socket.transport == host::Transport::tcp;
    if (!any_transport && tcp != given.has("tcp")) continue;
    if (given.has("listening") && !given.has("all") && (host::state_bit(socket) & waiting) == 0)
      continue;
    (filter->matches(socket, held) ? shown : left_out).push_back({&socket, held});
  }
  if (given.has("count")) {
    io.out.print("{}\n", io.json ? JsonLine{"sockets"}.number("count", shown.size()).line()
                                 : std::to_string(shown.size()));
    if (shown.empty() && filter->needs_owners()) hint_at_hidden(left_out, owners, io);
    return shown.empty() ? Exit::no : Exit::yes;
  }
  if (shown.empty()) {
    io.err.print("{}\n", words.empty() ? say("There is no such socket.")
                                       : say("No socket matches: {}", harmless(words)));
    // The owner that was asked for may be among those that nobody may see.
    if (filter->needs_owners()) hint_at_hidden(left_out, owners, io);
    return Exit::no;
  }
  host::sort(shown);
  if (io.json) {
    for (const host::Listed& listed : shown) {
      io.out.write(host::json_of(listed).line());
      if (!io.out.is_open()) break;
    }
    return Exit::yes;
  }
  host::write_table(io.out, io.terminal, shown, given.has("extended"));
  hint_at_hidden(shown, owners, io);
  return Exit::yes;
}

}  // namespace

extern const Verb sockets_verb;
const Verb sockets_verb{"sockets",
                        N_("shows this machine's TCP and UDP sockets, their states and owners"),
                        "[-tula46e] [FILTER]",
                        examples,
                        options,
                        notes,
                        run};

}  // namespace trama
