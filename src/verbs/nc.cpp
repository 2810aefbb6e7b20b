// OpenBSD's nc (Debian's): its options, its texts, its exit statuses, with trama's engines.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <random>
#include <thread>

#include "connect/await.h"
#include "connect/session.h"
#include "verbs/nc_teller.h"
#include "verbs/nc_type_of_service.h"
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

// nc's `nc: ...` on standard error, and its status.
struct Refusal {
  std::string sentence;  // "" where all is said
};
template <class T>
using Checked = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(std::string sentence) {
  return tl::make_unexpected(Refusal{std::move(sentence)});
}

// A number in nc's bounds, with nc's words for others.
Checked<long long> number(std::string_view what, std::string_view text, long long low,
                          long long high) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return refuse(
        fmt::format("{} too {}: {}", what, text.starts_with('-') ? "small" : "large", text));
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse(fmt::format("{} invalid: {}", what, text));
  if (value < low) return refuse(fmt::format("{} too small: {}", what, text));
  if (value > high) return refuse(fmt::format("{} too large: {}", what, text));
  return value;
}

struct Plan {
  Request request;
  std::vector<u16> ports;
  u16 local_port = 0;  // to listen at
  bool listens = false, keeps = false, tries = false, verbose = false, numeric = false;
  bool hands_over = false;
  seconds pause{0};
};

// "80", "http", "20-25", "25-20".
Checked<void> append_ports(std::vector<u16>& ports, const std::string& text, Transport transport) {
  const auto dash = text.find('-');
  if (dash != text.npos && dash > 0 && text.find_first_not_of("0123456789-") == text.npos) {
    auto low = number("port number", text.substr(0, dash), 1, 65535);
    auto high = number("port number", text.substr(dash + 1), 1, 65535);
    if (!low || !high) return tl::make_unexpected((low ? high : low).error());
    if (*low > *high) std::swap(*low, *high);
    for (auto port = *low; port <= *high; ++port) ports.push_back(static_cast<u16>(port));
    return {};
  }
  if (!text.empty() && text.find_first_not_of("0123456789") != text.npos) {
    const auto named = net::port_of(text, transport);
    if (!named || text.find_first_not_of("+-0123456789") == text.npos)
      return refuse("port number invalid: " + text);
    ports.push_back(*named);
    return {};
  }
  const auto port = number("port number", text, 1, 65535);
  if (!port) return tl::make_unexpected(port.error());
  ports.push_back(static_cast<u16>(*port));
  return {};
}

Checked<void> take_number(Plan& plan, char letter, const std::string& text) {
  Request& request = plan.request;
  using For = connect::SocketOption::For;
  const auto taken = [&](std::string_view what, long long low, long long high,
                         const auto& use) -> Checked<void> {
    const auto value = number(what, text, low, high);
    if (!value) return tl::make_unexpected(value.error());
    use(static_cast<int>(*value));
    return {};
  };
  const auto add = [&](For family, int level, int name, int value) {
    request.socket_options.push_back({family, level, name, value});
  };
  switch (letter) {
    case 'I':
      return taken("TCP receive window", 1, 65536 << 14,
                   [&](int n) { add(For::both, SOL_SOCKET, SO_RCVBUF, n); });
    case 'O':
      return taken("TCP send window", 1, 65536 << 14,
                   [&](int n) { add(For::both, SOL_SOCKET, SO_SNDBUF, n); });
    case 'i':
      return taken("interval", 0, UINT_MAX, [&](int n) { plan.pause = seconds{n}; });
    case 'M':
      return taken("ttl", 0, 255, [&](int n) {
        add(For::v4, IPPROTO_IP, IP_TTL, n);
        add(For::v6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, n);
      });
    case 'm':
      return taken("minttl", 0, 255, [&](int n) {
        add(For::v4, IPPROTO_IP, IP_MINTTL, n);
        add(For::v6, IPPROTO_IPV6, IPV6_MINHOPCOUNT, n);
      });
    case 'q':
      return taken("quit timer", INT_MIN, INT_MAX, [&](int n) {
        if (n < 0) return;
        request.ends.half_close = true;
        // -q 0 still takes the answer of a peer that closes then.
        const bool at_once = n == 0 && request.transport == Transport::tcp;
        request.quit = at_once ? seconds{1} : seconds{n};
      });
    case 'W':
      return taken("receive limit", 1, INT_MAX,
                   [&](int n) { request.most_reads = static_cast<u64>(n); });
    case 'w':
      return taken("timeout", 0, INT_MAX / 1000, [&](int n) { request.wait = seconds{n}; });
    default:
      return {};
  }
}

Checked<void> take_proxy(Plan& plan, const NetcatWords& words) {
  const auto protocol = words.last("X").value_or("5");
  std::string scheme = protocol == "5"         ? "socks5"
                       : protocol == "4"       ? "socks4"
                       : protocol == "connect" ? "http"
                                               : "";
  if (scheme.empty()) return refuse("unsupported proxy protocol");
  const auto at = words.last("x");
  if (!at) return {};
  if (words.has("u")) return refuse("no proxy support for UDP mode");
  if (words.has("l")) return refuse("no proxy support for listen");
  if (words.has("U")) return refuse("no proxy support for unix sockets");
  if (words.has("s")) return refuse("no proxy support for local source address");
  auto proxy = connect::parse_proxy(scheme + "://" + *at);
  if (!proxy) return refuse(proxy.error().sentence);
  if (const auto user = words.last("P"); user && scheme == "http") {
    const char* password =
        getpass(fmt::format("Proxy password for {}@{}: ", *user, proxy->host).c_str());
    proxy->login = connect::Login{*user, password == nullptr ? "" : password};
  }
  plan.request.proxy = std::move(*proxy);
  return {};
}

Checked<void> take_operands(Plan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  const auto& operands = words.operands;
  if (words.has("U")) {
    if (operands.size() != 1) return refuse("");
    request.path = operands[0];
    return {};
  }
  auto ports = operands;
  if (plan.listens) {
    const auto port = words.last("p");
    request.host = words.last("s").value_or("");
    if (port && operands.size() > 1) return refuse("");
    if (port && operands.size() == 1 && words.has("s")) return refuse("");
    if (port && !operands.empty()) {
      // nc takes "-l -p PORT HOST" and refuses two ports.
      if (parse_port(operands[0])) return refuse("");
      request.host = operands[0];
    }
    if (operands.size() == 2) request.host = operands[0];
    if (port) ports = {*port};
    if (operands.size() == 2) ports = {operands[1]};
    if (ports.size() > 1) return refuse("");
  } else {
    if (operands.empty()) return refuse("");
    request.host = operands[0];
    ports.erase(ports.begin());
  }
  if (ports.empty()) return refuse("missing port number");
  for (const auto& text : ports)
    if (auto appended = append_ports(plan.ports, text, request.transport); !appended)
      return appended;
  if (words.has("r")) std::shuffle(plan.ports.begin(), plan.ports.end(), std::random_device{});
  return {};
}

Checked<void> take_source(Plan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  if (const auto source = words.last("s"); source && !plan.listens) {
    if (lookup_failure(*source, request.family, request.lookups))
      return refuse("getaddrinfo: " + *lookup_failure(*source, request.family, request.lookups));
    request.source_address =
        net::resolve(*source, 0, request.family, request.lookups).value().front().address;
  }
  if (const auto port = words.last("p"); port && !plan.listens) {
    const auto value = number("port number", *port, 0, 65535);
    if (!value) return tl::make_unexpected(value.error());
    request.source_port = static_cast<u16>(*value);
  }
  return {};
}

Checked<Plan> plan_of(const NetcatWords& words) {
  for (const auto& [letter, what] : {
           std::pair{"S",
                     N_("-S: TCP MD5 signatures are not supported; they are obsolete (RFC 5925)") },
           std::pair{"V",
                     N_("-V: not supported; ip vrf exec and ip netns exec choose a routing table")},
           std::pair{"Z", N_("-Z: DCCP is not supported; Linux has removed it (6.16)")            }
  })
    if (words.has(letter)) return refuse(std::string{translated(what)});
  Plan plan;
  Request& request = plan.request;
  if (words.has("u")) request.transport = Transport::udp;
  request.ends.half_close = words.has("N");
  for (const auto& one : words.given)
    if (auto taken = take_number(plan, one.row->letter[0], one.value); !taken)
      return tl::make_unexpected(taken.error());
  request.family = family_of(words);
  request.lookups = !words.has("n");
  plan.numeric = words.has("n");
  plan.verbose = words.has("v");
  plan.listens = words.has("l");
  plan.keeps = words.has("k");
  plan.tries = words.has("z");
  plan.hands_over = words.has("F");
  request.crlf = words.has("C");
  request.receive_only = words.has("d");
  request.telnet = words.has("t");
  if (plan.pause > seconds{0}) request.pace = plan.pause;
  if (const auto word = words.last("T")) {
    const auto value = type_of_service(*word);
    if (!value) return refuse("illegal tos value " + *word);
    using For = connect::SocketOption::For;
    request.socket_options.push_back({For::v4, IPPROTO_IP, IP_TOS, *value});
    request.socket_options.push_back({For::v6, IPPROTO_IPV6, IPV6_TCLASS, *value});
  }
  if (words.has("b"))
    request.socket_options.push_back(
        {connect::SocketOption::For::both, SOL_SOCKET, SO_BROADCAST, 1});
  if (auto taken = take_proxy(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.tries && plan.listens) return refuse("cannot use -z and -l");
  if (auto taken = take_operands(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.keeps && !plan.listens) return refuse("must use -l with -k");
  if (plan.hands_over && words.has("U")) return refuse("cannot use -F and -U");
  if (words.has("U") && words.has("s"))
    return refuse(
        say("-s with -U is not supported: the kernel names this side of datagram sockets"));
  if (auto taken = take_source(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (request.transport == Transport::udp) {
    request.idle = request.wait;
    request.ends.after_silence = false;
  }
  request.ends.with_peer = plan.listens;
  return plan;
}

int listen_as(const Plan& plan, NcTeller& teller, Out& err) {
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

int try_datagrams(const Plan& plan, NcTeller& teller) {
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

int connect_as(const Plan& plan, NcTeller& teller, Out& err) {
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
  const auto plan = plan_of(*words);
  if (!plan) {
    if (plan.error().sentence.empty()) return usage();
    io.err.print("nc: {}\n", plan.error().sentence);
    return failure;
  }
  net::hold_standard_descriptors();
  NcTeller teller{io.err, plan->verbose, plan->numeric};
  teller.talks_to(plan->request.host, 0);
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
