// OpenBSD's nc (Debian's): its options, its texts, its exit statuses, with trama's engines.
#include <cerrno>
#include <thread>

#include "connect/await.h"
#include "connect/session.h"
#include "verbs/nc_plan.h"
#include "verbs/nc_teller.h"
#include "verbs/netcat_probe.h"
#include "verbs/netcat_words.h"
#include "verbs/verb.h"

namespace trama {
namespace {

using connect::Request;
using net::Transport;
using std::chrono::seconds;

constexpr Example examples[] = {
    {"trama nc -v 127.0.0.1 65432",     N_("type to a TCP server, as with nc")       },
    {"trama nc -lk 7000",               N_("listens, for one client after the other")},
    {"trama nc -zv localhost 20-25 80", N_("only tries which TCP ports open")        },
    {"ln -s $(command -v trama) nc",    N_("scripts that call nc get this one")      },
};

constexpr Option options[] = {
    {"", "4", "",            "", N_("IPv4 only")                                                  },
    {"", "6", "",            "", N_("IPv6 only")                                                  },
    {"", "b", "",            "", N_("allows broadcast addresses")                                 },
    {"", "C", "",            "", N_("ends lines with CR LF")                                      },
    {"", "D", "",            "", N_("the socket's debug flag, with which Linux does nothing")     },
    {"", "d", "",            "", N_("does not read standard input")                               },
    {"", "F", "",            "", N_("hands the connected socket to standard output's Unix socket")},
    {"", "h", "",            "", N_("this help")                                                  },
    {"", "I", "BYTES",       "", N_("size of the receive buffer")                                 },
    {"", "i", "SECONDS",     "", N_("a pause behind each line, and between ports")                },
    {"", "k", "",            "", N_("with -l: the next client after this one; UDP: all clients")  },
    {"", "l", "",            "", N_("listens: [HOST] PORT")                                       },
    {"", "M", "TTL",         "", N_("TTL (IPv6: hop limit) of what is sent")                      },
    {"", "m", "TTL",         "", N_("least TTL of what is taken")                                 },
    {"", "N", "",            "", N_("closes this side (FIN) at the end of input")                 },
    {"", "n", "",            "", N_("looks no names up")                                          },
    {"", "O", "BYTES",       "", N_("size of the send buffer")                                    },
    {"", "P", "USER",        "", N_("user for an HTTP proxy; the password is asked for")          },
    {"", "p", "PORT",        "", N_("local port to use; with -l: where to listen")                },
    {"", "q", "SECONDS",     "", N_("-N, and ends so long after the end of input; -1: never")     },
    {"", "r", "",            "", N_("ports in random order")                                      },
    {"", "S", "",            "", N_("TCP MD5 signatures (RFC 2385): not supported")               },
    {"", "s", "ADDRESS",     "", N_("local address to use; with -l: where to listen")             },
    {"", "T", "WORD",        "", N_("type of service: lowdelay, ef, af11, cs1, 0x10, ...")        },
    {"", "t", "",            "", N_("refuses TELNET's options")                                   },
    {"", "U", "",            "", N_("a Unix socket, whose path is the operand; -u: datagrams")    },
    {"", "u", "",            "", N_("UDP instead of TCP")                                         },
    {"", "V", "TABLE",       "", N_("another routing table: not supported")                       },
    {"", "v", "",            "", N_("tells on standard error what happens")                       },
    {"", "W", "COUNT",       "", N_("ends after so many packets")                                 },
    {"", "w", "SECONDS",     "", N_("longest wait for a connection, and for the next byte")       },
    {"", "X", "PROTOCOL",    "", N_("the proxy's: 4, 5 (SOCKS) or connect (HTTP)")                },
    {"", "x", "HOST[:PORT]", "", N_("through this proxy")                                         },
    {"", "Z", "",            "", N_("DCCP: not supported")                                        },
    {"", "z", "",            "", N_("only tries whether ports open, without data")                },
};

constexpr std::string_view notes = N_(
    "Everything as OpenBSD's nc (Debian's) has it: the end of input does not close this side "
    "unless\n"
    "-N or -q, a client goes on until both sides have ended, -l until its client has. Status 0 "
    "once\n"
    "something was connected, 1 otherwise. trama connect and trama serve do more, and tell more.\n"
    "docs/netcat.md says what differs.");

constexpr int failure = 1;

int listen_as(const NcPlan& plan, NcTeller& teller, Out& err) {
  connect::Waiting waiting;
  waiting.again = plan.keeps;
  const Request& request = plan.request;
  if (request.path.empty()) {
    const auto host = !request.host.empty()               ? request.host
                      : request.family == net::Family::v6 ? "::"
                                                          : "0.0.0.0";
    if (const auto why = lookup_failure(host, request.family, request.lookups)) {
      err.print("nc: getaddrinfo: {}\n", *why);
      return failure;
    }
    const auto places = net::resolve(host, plan.ports.front(), request.family, request.lookups);
    if (!places) {
      err.print("nc: {}\n", places.error().sentence);
      return failure;
    }
    waiting.places = {places->front()};
  }
  connect::Journal nothing;
  const bool everybody = plan.keeps && request.transport == Transport::udp;
  teller.names_visitors(!everybody);
  const auto ended = everybody ? connect::gather_datagrams(request, waiting, teller, nothing)
                               : connect::await_and_talk(request, waiting, teller, nothing);
  if (ended || teller.connected()) {
    const Exit exit = ended ? *ended : ended.error().exit;
    return exit == Exit::interrupted || exit == Exit::lost_output ? static_cast<int>(exit) : 0;
  }
  if (ended.error().exit == Exit::interrupted) return static_cast<int>(Exit::interrupted);
  if (ended.error().number != 0)
    err.print("nc: {}\n", errno_text(ended.error().number));
  else
    err.print("nc: {}\n", ended.error().sentence);
  return failure;
}

int try_datagrams(const NcPlan& plan, NcTeller& teller) {
  bool any = false;
  for (const u16 port : plan.ports) {
    const auto peers =
        net::resolve(plan.request.host, port, plan.request.family, plan.request.lookups);
    if (!peers) return failure;
    // nc asks the port only where it is to tell: "X", three times.
    if (plan.verbose && !takes_datagrams(plan.request, peers->front(), "X", 3, seconds{1}))
      continue;
    any = true;
    teller.succeeded(Transport::udp, peers->front());
  }
  return any ? 0 : failure;
}

int connect_as(const NcPlan& plan, NcTeller& teller, Out& err) {
  Request request = plan.request;
  if (request.path.empty() && !request.proxy)
    if (const auto why = lookup_failure(request.host, request.family, request.lookups)) {
      err.print("nc: getaddrinfo for host \"{}\" port {}: {}\n", request.host, plan.ports.front(),
                *why);
      return failure;
    }
  request.hands_over = plan.hands_over;
  if (plan.tries && request.transport == Transport::udp && request.path.empty())
    return try_datagrams(plan, teller);
  connect::Journal nothing;
  std::vector<u16> ports = plan.ports;
  if (!request.path.empty()) ports = {0};
  int status = failure;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (i > 0 && plan.pause > seconds{0}) std::this_thread::sleep_for(plan.pause);
    teller.talks_to(request.host, ports[i]);
    const auto ended = !plan.tries            ? connect::talk(request, ports[i], teller, nothing)
                       : request.path.empty() ? connect::try_ports(request, {&ports[i], 1}, teller)
                                              : connect::try_path(request, teller);
    const Exit exit = ended ? *ended : ended.error().exit;
    if (exit == Exit::interrupted || exit == Exit::lost_output) return static_cast<int>(exit);
    if (teller.take_connected()) {
      const bool no = (teller.refused() && plan.verbose) || (!ended && request.hands_over);
      status = no ? failure : 0;
      if (!ended && request.hands_over)
        err.print("nc: sendmsg: {}\n", errno_text(ended.error().number));
    } else if (!ended && !teller.told()) {
      if (!request.path.empty() && ended.error().number != 0)
        err.print("nc: {}: {}\n", request.path, errno_text(ended.error().number));
      else
        err.print("nc: {}\n", ended.error().sentence);
    }
  }
  return status;
}

int run_nc(const Verb& verb, std::span<char* const> arguments, Io& io) {
  const auto usage = [&] {
    io.err.print("usage: nc {}\n", verb.synopsis);
    return failure;
  };
  if (!arguments.empty() && std::string_view{arguments[0]} == "--help") {
    io.out.write(help_of(verb, io.terminal));
    return 0;
  }
  const auto words = NetcatWords::read("nc", options, arguments);
  if (!words) return usage();
  if (words->has("h")) {
    io.out.write(help_of(verb, io.terminal));
    return 0;
  }
  const auto plan = nc_plan_of(*words);
  if (!plan) {
    if (plan.error().sentence.empty()) return usage();
    io.err.print("nc: {}\n", plan.error().sentence);
    return failure;
  }
  net::hold_standard_descriptors();
  NcTeller teller{io.err, plan->verbose, plan->numeric};
  teller.talks_to(plan->request.host, 0);
  teller.limits_connecting(plan->request.wait.has_value());
  return plan->listens ? listen_as(*plan, teller, io.err) : connect_as(*plan, teller, io.err);
}

}  // namespace

extern const Verb nc_verb;
const Verb nc_verb{"nc",
                   N_("OpenBSD's nc: its options, texts and exit statuses"),
                   "[-46bCDdFhklNnrtUuvz] [-I BYTES] [-i SECONDS] ... [HOST] [PORT...]",
                   examples,
                   options,
                   notes,
                   nullptr,
                   nullptr,
                   run_nc};

}  // namespace trama
