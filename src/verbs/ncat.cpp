// ncat: its options, its texts, its exit statuses, with trama's engines.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <csignal>
#include <cstdlib>

#include "connect/await.h"
#include "connect/session.h"
#include "serve/listener.h"
#include "serve/modes.h"
#include "serve/server.h"
#include "verbs/ncat_chat.h"
#include "verbs/ncat_hosts.h"
#include "verbs/ncat_teller.h"
#include "verbs/netcat_probe.h"
#include "verbs/netcat_words.h"
#include "verbs/server_person.h"
#include "verbs/verb.h"

namespace trama {
namespace {

using connect::Request;
using net::Transport;
using namespace std::chrono_literals;

constexpr Example examples[] = {
    {"trama ncat -v 127.0.0.1 65432",       N_("type to a TCP server, as with ncat")              },
    {"trama ncat -lk -c 'tr a-z A-Z' 7000", N_("a program answers each client")                   },
    {"trama ncat --ssl example.org 443",    N_("the same through TLS, without proof of who it is")},
    {"ln -s $(command -v trama) ncat",      N_("scripts that call ncat get this one")             },
};

constexpr Option options[] = {
    {"",               "4", "",            "", N_("IPv4 only")                                                  },
    {"",               "6", "",            "", N_("IPv6 only")                                                  },
    {"unixsock",       "U", "",            "", N_("a Unix socket, whose path is the operand; -u: datagrams")    },
    {"vsock",          "",  "",            "", N_("sockets between virtual machines: not supported")            },
    {"crlf",           "C", "",            "", N_("ends lines with CR LF")                                      },
    {"sh-exec",        "c", "COMMAND",     "", N_("a command of /bin/sh talks to the peer")                     },
    {"exec",           "e", "COMMAND",     "", N_("a program talks to the peer")                                },
    {"lua-exec",       "",  "FILE",        "", N_("a Lua script: not supported, write -e 'lua FILE'")           },
    {"",               "g", "HOPS",        "", N_("source routing: not supported")                              },
    {"",               "G", "N",           "", N_("source routing: not supported")                              },
    {"max-conns",      "m", "N",           "", N_("with -k, --broker, --chat: so many clients at once (100)")   },
    {"help",           "h", "",            "", N_("this help")                                                  },
    {"delay",          "d", "TIME",        "", N_("a pause behind each line")                                   },
    {"output",         "o", "FILE",        "", N_("keeps the bytes of both directions there")                   },
    {"hex-dump",       "x", "FILE",        "", N_("keeps both directions there, in hexadecimal")                },
    {"idle-timeout",   "i", "TIME",        "", N_("fails when nothing moves for so long")                       },
    {"source-port",    "p", "PORT",        "", N_("local port to use")                                          },
    {"source",         "s", "ADDRESS",     "", N_("local address to use")                                       },
    {"listen",         "l", "",            "", N_("listens: [HOST] [PORT]")                                     },
    {"keep-open",      "k", "",            "", N_("with -l: many clients, without end")                         },
    {"nodns",          "n", "",            "", N_("looks no names up")                                          },
    {"telnet",         "t", "",            "", N_("refuses TELNET's options")                                   },
    {"udp",            "u", "",            "", N_("UDP instead of TCP")                                         },
    {"sctp",           "",  "",            "", N_("SCTP: not supported")                                        },
    {"verbose",        "v", "",            "", N_("tells on standard error what happens")                       },
    {"wait",           "w", "TIME",        "", N_("longest wait for a connection (10)")                         },
    {"",               "z", "",            "", N_("only tries whether the port is open")                        },
    {"append-output",  "",  "",            "", N_("-o and -x add to their files instead of emptying them")      },
    {"send-only",      "",  "",            "", N_("sends, drops what comes, and ends with the input")           },
    {"recv-only",      "",  "",            "", N_("receives, and does not read standard input")                 },
    {"no-shutdown",    "",  "",            "", N_("does not close this side at the end of input")               },
    {"allow",          "",  "HOSTS",       "", N_("with -l: only these may come (addresses, blocks, names)")    },
    {"allowfile",      "",  "FILE",        "", N_("the same from a file")                                       },
    {"deny",           "",  "HOSTS",       "", N_("with -l: these may not come, unless --allow has them")       },
    {"denyfile",       "",  "FILE",        "", N_("the same from a file")                                       },
    {"broker",         "",  "",            "", N_("listens; what one client sends goes to all others")          },
    {"chat",           "",  "",            "", N_("the same, with the number of who said it")                   },
    {"proxy",          "",  "HOST[:PORT]", "", N_("through this proxy")                                         },
    {"proxy-type",     "",  "TYPE",        "", N_("http, socks4 or socks5 (http)")                              },
    {"proxy-auth",     "",  "USER:PASS",   "",
     N_("login for the proxy; or NCAT_PROXY_AUTH, which ps does not show")                                      },
    {"proxy-dns",      "",  "WHO",         "", N_("who looks the host up: remote, local, both or none (remote)")},
    {"ssl",            "",  "",            "", N_("TLS; without --ssl-verify with whoever answers")             },
    {"ssl-cert",       "",  "FILE",        "", N_("one's own certificate (PEM)")                                },
    {"ssl-key",        "",  "FILE",        "", N_("its key (PEM)")                                              },
    {"ssl-verify",     "",  "",            "", N_("TLS, and the peer must prove who it is")                     },
    {"ssl-trustfile",  "",  "FILE",        "", N_("trusts these authorities (PEM) instead of the system's")     },
    {"ssl-ciphers",    "",  "LIST",        "", N_("ciphers, as OpenSSL's ciphers(1) writes them")               },
    {"ssl-servername", "",  "NAME",        "", N_("the name to ask for (SNI), instead of the host's")           },
    {"ssl-alpn",       "",  "NAMES",       "",
     N_("protocols to offer within TLS, the best first (h2,http/1.1)")                                          },
    {"version",        "",  "",            "", N_("the version")                                                },
};

constexpr std::string_view notes = N_(
    "Everything as ncat has it: port 31337 where none is given, TIME in seconds (500ms, 2m, 1h),\n"
    "the end of input closes this side, -l ends with its client. Status 0: it worked; 1: the "
    "network\n"
    "said no; 2: everything else. A program of -e or -c finds NCAT_REMOTE_ADDR, NCAT_REMOTE_PORT,\n"
    "NCAT_LOCAL_ADDR, NCAT_LOCAL_PORT and NCAT_PROTO. trama connect and trama serve do more, and\n"
    "tell more. docs/netcat.md says what differs.");

constexpr u16 usual_port = 31337;
constexpr u64 usual_most = 100;
constexpr auto usual_wait = 10s;
constexpr auto udp_farewell = 500ms;  // an answer to the last datagram may still come
constexpr int no = 1, other = 2;      // statuses: the network's failures, and all others

// Who of ncat's says why it cannot begin.
struct Quit {
  std::string sentence;
};
template <class T>
using Checked = tl::expected<T, Quit>;
tl::unexpected<Quit> quit(std::string sentence) {
  return tl::make_unexpected(Quit{std::move(sentence)});
}

struct Plan {
  Request request;
  u16 port = usual_port;
  bool listens = false, keeps = false, tries = false, brokers = false, chats = false;
  unsigned verbosity = 0;
  u64 most = usual_most;
  std::vector<Cidr> allow, deny;
};

// "5", "500ms", "2m", "1h": more than nothing.
std::optional<std::chrono::nanoseconds> time_of(const std::string& text) {
  constexpr std::chrono::nanoseconds longest = 2147483s;
  const auto time = parse_duration(text, 1s);
  if (!time || *time <= 0ns || *time > longest) return std::nullopt;
  return *time;
}

Checked<void> take_times(Request& request, const NetcatWords& words) {
  const auto take = [&](std::string_view letter, std::string_view what,
                        std::optional<std::chrono::nanoseconds>& into) -> Checked<void> {
    const auto text = words.last(letter);
    if (!text) return {};
    into = time_of(*text);
    if (into) return {};
    return quit(
        fmt::format("Invalid -{} {} \"{}\" (must be greater than 0 and less than 2147483s).",
                    letter, what, *text));
  };
  request.wait = usual_wait;
  request.wait_only_connects = true;
  if (auto taken = take("w", "timeout", request.wait); !taken) return taken;
  if (auto taken = take("i", "timeout", request.idle); !taken) return taken;
  return take("d", "delay", request.pace);
}

// The one place where -e, -c and --lua-exec get their meaning: a program talks instead of the
// person, in connect mode, with -l, and with -lk each client with its own.
Checked<void> take_command(Request& request, const NetcatWords& words) {
  if (words.has("e") + words.has("c") + words.has("lua-exec") > 1)
    return quit("Only one of --exec, --sh-exec, and --lua-exec is allowed.");
  if (const auto command = words.last("e")) request.command = connect::Command{*command, false};
  if (const auto command = words.last("c")) request.command = connect::Command{*command, true};
  return {};
}

Checked<void> take_proxy(Plan& plan, const NetcatWords& words) {
  const auto type = words.last("proxy-type").value_or("http");
  if (plan.listens && words.has("proxy-type")) {
    if (type != "http")
      return quit(fmt::format(
          "Invalid proxy type \"{}\"; Ncat proxy server only supports \"http\".", type));
    return quit(say("-l --proxy-type http: to be a proxy is not supported") + ".");
  }
  if (type != "http" && type != "socks4" && type != "socks5")
    return quit(fmt::format("Invalid proxy type \"{}\".", type));
  const auto at = words.last("proxy");
  if (!at) return {};
  if (plan.listens) return quit("Invalid option combination: --proxy and -l.");
  if (words.has("u"))
    return quit(say("--proxy and -u exclude each other: proxies carry streams") + ".");
  auto proxy = connect::parse_proxy(type + "://" + *at);
  if (!proxy) return quit(proxy.error().sentence);
  const char* from_environment = std::getenv("NCAT_PROXY_AUTH");
  const auto login =
      words.last("proxy-auth").value_or(from_environment == nullptr ? "" : from_environment);
  if (!login.empty()) {
    const auto colon = login.find(':');
    proxy->login =
        connect::Login{login.substr(0, colon), colon == login.npos ? "" : login.substr(colon + 1)};
  }
  const auto who = words.last("proxy-dns").value_or("remote");
  if (who != "remote" && who != "local" && who != "both" && who != "none")
    return quit(fmt::format("Invalid proxy DNS type \"{}\".", who));
  if (who == "none") plan.request.lookups = false;
  if (who == "local" || who == "both") {
    const auto found = net::resolve(plan.request.host, plan.port, plan.request.family);
    if (found) plan.request.host = to_string(found->front().address);
    if (!found && who == "local") return quit(found.error().sentence);
  }
  plan.request.proxy = std::move(*proxy);
  return {};
}

Checked<void> take_tls(Request& request, const NetcatWords& words) {
  if (words.has("ssl-cert") != words.has("ssl-key"))
    return quit("The --ssl-key and --ssl-cert options must be used together.");
  bool wanted = false;
  for (const std::string_view option : {"ssl", "ssl-cert", "ssl-verify", "ssl-trustfile",
                                        "ssl-ciphers", "ssl-servername", "ssl-alpn"})
    wanted = wanted || words.has(option);
  if (!wanted) return {};
  if (words.has("u")) return quit(say("--ssl with -u: DTLS is not supported") + ".");
  connect::TlsWish wish;
  wish.insecure = !words.has("ssl-verify") && !words.has("ssl-trustfile");
  wish.authorities = words.last("ssl-trustfile").value_or("");
  wish.certificate = words.last("ssl-cert").value_or("");
  wish.key = words.last("ssl-key").value_or("");
  wish.ciphers = words.last("ssl-ciphers").value_or("");
  wish.server_name = words.last("ssl-servername").value_or("");
  wish.alpn = words.last("ssl-alpn").value_or("");
  request.tls = std::move(wish);
  return {};
}

Checked<void> take_doors(Plan& plan, const NetcatWords& words) {
  const bool lookups = plan.request.lookups;
  for (const auto& one : words.given) {
    const auto name = one.row->name;
    const bool allows = name == "allow" || name == "allowfile";
    if (!allows && name != "deny" && name != "denyfile") continue;
    if (!plan.listens) return quit("Invalid option combination: allow/deny with connect.");
    auto& hosts = allows ? plan.allow : plan.deny;
    const bool file = name.ends_with("file");
    const auto appended = file ? append_hosts_of_file(hosts, one.value, lookups)
                               : append_hosts(hosts, one.value, lookups);
    if (!appended)
      return quit(fmt::format("error in host specification \"{}\".", appended.error().sentence));
  }
  if (const auto text = words.last("m")) {
    if (!plan.listens) return quit("Invalid option combination: `--max-conns' with connect.");
    plan.most = static_cast<u64>(std::max(0L, std::strtol(text->c_str(), nullptr, 10)));
  }
  return {};
}

Checked<u16> port_of(const std::string& text) {
  const auto port = parse_port(text);
  if (!port) return quit(fmt::format("Invalid port number \"{}\".", text));
  return *port;
}

Checked<void> take_operands(Plan& plan, const NetcatWords& words) {
  const auto& operands = words.operands;
  Request& request = plan.request;
  if (words.has("U")) {
    if (operands.size() != 1)
      return quit(operands.empty() ? "You must specify a path to a socket to connect to."
                                   : "Using UNIX sockets and so you must specify only one path.");
    request.path = operands[0];
    return {};
  }
  std::vector<std::string> ports;
  for (const auto& operand : operands) {
    const bool port_alone = plan.listens && operands.size() == 1 && parse_port(operand);
    if (&operand == &operands.front() && !port_alone)
      request.host = operand;
    else
      ports.push_back(operand);
  }
  if (const auto port = words.last("p"); port && plan.listens) ports.insert(ports.begin(), *port);
  if (ports.size() > 1)
    return quit(fmt::format("Got more than one port specification: {} {}.", ports[0], ports[1]));
  if (request.host.empty() && !plan.listens) return quit("You must specify a host to connect to.");
  if (ports.empty()) return {};
  const auto port = port_of(ports[0]);
  if (!port) return tl::make_unexpected(port.error());
  plan.port = *port;
  return {};
}

Checked<void> take_source(Plan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  if (const auto text = words.last("p"); text && !plan.listens) {
    long value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size())
      return quit(fmt::format("Invalid source port number \"{}\".", *text));
    if (value < 0 || value > 65535) return quit(fmt::format("Invalid source port {}.", value));
    request.source_port = static_cast<u16>(value);
  }
  const auto source = words.last("s");
  if (!source) return {};
  if (plan.listens)
    return quit(
        "-l and -s are incompatible.  Specify the address and port to bind to like you would a "
        "host to connect to.");
  if (const auto why = lookup_failure(*source, request.family, request.lookups))
    return quit(fmt::format("Could not resolve hostname \"{}\": {}.", *source, *why));
  request.source_address =
      net::resolve(*source, 0, request.family, request.lookups).value().front().address;
  return {};
}

Checked<void> check_support(const NetcatWords& words) {
  for (const auto& [option, what] : {
           std::pair{"vsock",
                     N_("--vsock is not supported: connect by the virtual machine's address")            },
           std::pair{"sctp",     N_("--sctp is not supported: TCP and UDP are")                          },
           std::pair{"lua-exec", N_("--lua-exec is not supported: -e 'lua FILE' runs a script")          },
           std::pair{"g",        N_("-g is not supported: routers drop source-routed packets (RFC 7126)")},
           std::pair{"G",
                     N_("-G is not supported: routers drop source-routed packets (RFC 7126)")            }
  })
    if (words.has(option)) return quit(std::string{translated(what)} + ".");
  return {};
}

Checked<Plan> plan_of(const NetcatWords& words) {
  if (auto supported = check_support(words); !supported)
    return tl::make_unexpected(supported.error());
  Plan plan;
  Request& request = plan.request;
  plan.brokers = words.has("broker") || words.has("chat");
  plan.chats = words.has("chat");
  plan.listens = words.has("l") || plan.brokers;
  plan.keeps = words.has("k");
  plan.tries = words.has("z");
  plan.verbosity = static_cast<unsigned>(words.all("v").size());
  if (words.has("u")) request.transport = Transport::udp;
  request.family = family_of(words);
  request.lookups = !words.has("n");
  request.crlf = words.has("C");
  request.telnet = words.has("t");
  request.send_only = words.has("send-only");
  request.receive_only = words.has("recv-only");
  request.ends = {.half_close = !words.has("no-shutdown"),
                  .with_input = request.send_only,
                  .with_peer = plan.listens,
                  .after_silence = !plan.listens};
  if (request.transport == Transport::udp && !plan.listens) request.quit = udp_farewell;
  if (auto taken = take_times(request, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.tries && plan.listens)
    return quit("Services designed for LISTENING can't be used with -z");
  if (plan.keeps && !plan.listens)
    return quit("Invalid option combination: `--keep-open' with connect.");
  for (const auto& take : {take_operands, take_source, take_proxy, take_doors})
    if (auto taken = take(plan, words); !taken) return tl::make_unexpected(taken.error());
  for (const auto& take : {take_command, take_tls})
    if (auto taken = take(request, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.brokers && request.command)
    return quit("--broker and -e/-c/--lua-exec are incompatible.");
  return plan;
}

// ncat's last word and status for what the engine says. `quits`: it ends with "QUITTING.".
int told(const Plan& plan, const Error& error, NcatTeller& teller) {
  using connect::Ending;
  if (error.exit == Exit::interrupted || error.exit == Exit::lost_output) {
    if (!error.sentence.empty()) teller.line(error.sentence + ".");
    return static_cast<int>(error.exit);
  }
  const auto ending = teller.report().ending;
  const auto idle_ms =
      plan.request.idle
          ? std::chrono::duration_cast<std::chrono::milliseconds>(*plan.request.idle).count()
          : 0;
  if (ending == Ending::idle || (plan.keeps && error.number == ETIMEDOUT)) {
    teller.line(
        fmt::format("Idle timeout expired ({} ms).{}", idle_ms, plan.listens ? " QUITTING." : ""));
    return plan.listens ? other : no;
  }
  if (ending == Ending::silence) return 0;
  if (plan.listens && teller.connected()) {
    // A client that breaks off is told by the status alone.
    return ending == Ending::fin || ending == Ending::quit ? 0 : no;
  }
  if (plan.tries && plan.verbosity == 0) return no;
  const int number = error.number == EPROTO ? EIO : error.number;
  // ncat's word for whatever TLS says; -v has told what the certificate lacks.
  const auto words = number != 0                                  ? errno_text(number)
                     : plan.request.tls && error.exit == Exit::no ? errno_text(EIO)
                                                                  : error.sentence;
  teller.line(plan.request.proxy && number != 0 && !teller.connected()
                  ? fmt::format("Proxy connection failed: {}.", words)
                  : words + ".");
  return error.exit == Exit::bad_input && number == 0 ? other : no;
}

int try_as(const Plan& plan, NcatTeller& teller) {
  const Request& request = plan.request;
  if (request.transport == Transport::udp && request.path.empty()) {
    using namespace std::string_view_literals;
    const auto peers = net::resolve(request.host, plan.port, request.family, request.lookups);
    if (!peers) return told(plan, peers.error(), teller);
    teller.told_line(fmt::format("Connected to {}.", ncat_text(peers->front())));
    if (!takes_datagrams(request, peers->front(), "\0"sv, 1, 2s)) {
      teller.told_line("Connection refused.");
      return no;
    }
    teller.told_line("UDP packet sent successfully");
    return 0;
  }
  const auto since = std::chrono::steady_clock::now();
  const auto ended = request.path.empty() ? connect::try_ports(request, {&plan.port, 1}, teller)
                                          : connect::try_path(request, teller);
  if (!ended) return told(plan, ended.error(), teller);
  connect::Report nothing_said;
  nothing_said.time = std::chrono::steady_clock::now() - since;
  teller.ended(request.transport, nothing_said);
  return 0;
}

int talk_as(const Plan& plan, NcatTeller& teller, connect::Journal& journal) {
  const Request& request = plan.request;
  if (request.path.empty() && !request.proxy)
    if (const auto why = lookup_failure(request.host, request.family, request.lookups)) {
      teller.line(
          fmt::format("Could not resolve hostname \"{}\": {}. QUITTING.", request.host, *why));
      return other;
    }
  if (plan.tries) return try_as(plan, teller);
  const auto ended = connect::talk(request, plan.port, teller, journal);
  if (teller.report().ending == connect::Ending::idle) return told(plan, {}, teller);
  return ended ? static_cast<int>(*ended) : told(plan, ended.error(), teller);
}

// Where to listen: both families where nothing else is said.
Checked<std::vector<Endpoint>> places_of(const Plan& plan) {
  const Request& request = plan.request;
  if (!request.path.empty()) return std::vector<Endpoint>{};
  if (request.host.empty()) {
    std::vector<Endpoint> both;
    for (const bool v6 : {true, false})
      if (request.family == net::Family::any || v6 == (request.family == net::Family::v6))
        both.push_back({.address = {.v6 = v6}, .port = plan.port});
    return both;
  }
  if (const auto why = lookup_failure(request.host, request.family, request.lookups))
    return quit(fmt::format("Could not resolve hostname \"{}\": {}.", request.host, *why));
  auto found = net::resolve(request.host, plan.port, request.family, request.lookups);
  if (!found) return quit(found.error().sentence);
  return std::vector<Endpoint>{found->front()};
}

// A machine without IPv6 listens with the other family.
std::vector<Endpoint> usable(std::vector<Endpoint> places, Transport transport) {
  if (places.size() < 2) return places;
  places.erase(std::remove_if(places.begin(), places.end(),
                              [&](const Endpoint& at) {
                                const auto probe =
                                    net::listen_at(transport, {.address = at.address, .port = 0});
                                return !probe && probe.error().number == EAFNOSUPPORT;
                              }),
               places.end());
  return places;
}

std::function<bool(const Endpoint&)> rules_of(const Plan& plan) {
  if (plan.allow.empty() && plan.deny.empty()) return nullptr;
  return [&plan](const Endpoint& peer) {
    const auto address = peer.address.unmapped();
    if (contains(plan.allow, address)) return true;
    return plan.allow.empty() && !contains(plan.deny, address);
  };
}

int cannot_listen(const Plan& plan, const Error& error, const std::vector<Endpoint>& places,
                  NcatTeller& teller) {
  if (error.number == 0 || error.exit == Exit::interrupted) return told(plan, error, teller);
  const auto at = places.empty() ? plan.request.path : ncat_text(places.back());
  teller.line(fmt::format("bind to {}: {}. QUITTING.", at, errno_text(error.number)));
  return other;
}

// --broker and --chat: trama's server, in whose modes clients meet.
int broker_as(const Plan& plan, const std::vector<Endpoint>& places, NcatTeller& teller) {
  const auto loop = net::Loop::make();
  if (!loop) return told(plan, loop.error(), teller);
  serve::Settings settings;
  settings.mode = plan.chats ? &ncat_chat_mode : serve::mode_of("room");
  settings.limits.clients = plan.most;
  for (const Cidr& block : plan.allow) settings.limits.rules.push_back({true, block});
  if (plan.allow.empty())
    for (const Cidr& block : plan.deny) settings.limits.rules.push_back({false, block});
  if (plan.request.idle) settings.idle = *plan.request.idle;
  if (const auto& tls = plan.request.tls) {
    serve::TlsSettings files;
    files.certificate = tls->certificate;
    files.key = tls->key;
    auto context = serve::TlsContext::make(files);
    if (!context) return told(plan, context.error(), teller);
    settings.tls = std::move(*context);
  }
  std::vector<serve::Place> all;
  for (const Endpoint& at : places) all.push_back({.transport = Transport::tcp, .at = at});
  if (!plan.request.path.empty())
    all.push_back({.transport = Transport::unix_stream, .path = plan.request.path});
  auto listeners = serve::open_listeners(all, {}, nullptr);
  if (!listeners) return cannot_listen(plan, listeners.error(), places, teller);
  NcatServerTeller audience{teller};
  const serve::Mode& mode = *settings.mode;
  const auto server =
      serve::Server::open(**loop, std::move(*listeners), std::move(settings), audience);
  if (!server) return told(plan, server.error(), teller);
  const ServerPerson person{**loop, **server, mode, plan.request.crlf};
  bool interrupted = false;
  const auto heard = (*loop)->on_signals({SIGINT}, [&](int) {
    interrupted = true;
    (*server)->stop();
  });
  if (!heard) return told(plan, heard.error(), teller);
  (*server)->run();
  return interrupted ? static_cast<int>(Exit::interrupted) : 0;
}

int listen_as(const Plan& plan, NcatTeller& teller, connect::Journal& journal) {
  const Request& request = plan.request;
  auto found = places_of(plan);
  if (!found) {
    teller.line(found.error().sentence + " QUITTING.");
    return other;
  }
  const auto places = usable(std::move(*found), request.transport);
  std::unique_ptr<connect::TlsHost> tls;
  if (request.tls) {
    auto host = connect::TlsHost::make(*request.tls);
    if (!host) return told(plan, host.error(), teller);
    tls = std::move(*host);
    if (request.tls->certificate.empty()) {
      teller.told_line(
          "Generating a temporary 256-bit EC key. Use --ssl-key and --ssl-cert to use a permanent "
          "one.");
      teller.told_line("SHA-1 fingerprint: " + tls->fingerprint());
    }
  }
  if (plan.brokers) return broker_as(plan, places, teller);
  connect::Waiting waiting;
  waiting.places = places;
  waiting.again = plan.keeps;
  waiting.allows = rules_of(plan);
  waiting.most = plan.keeps ? plan.most : 0;
  waiting.tls = tls.get();
  const bool many = plan.keeps && !request.command;
  const auto ended = !many ? connect::await_and_talk(request, waiting, teller, journal)
                     : request.transport == Transport::udp
                         ? connect::gather_datagrams(request, waiting, teller, journal)
                         : connect::gather(request, waiting, teller, journal);
  if (teller.report().ending == connect::Ending::idle) return told(plan, {}, teller);
  if (ended) return static_cast<int>(*ended);
  return teller.connected() || ended.error().number == ETIMEDOUT
             ? told(plan, ended.error(), teller)
             : cannot_listen(plan, ended.error(), places, teller);
}

int run_ncat(const Verb& verb, std::span<char* const> arguments, Io& io) {
  const auto words = NetcatWords::read("ncat", options, arguments);
  const auto quits = [&](const std::string& sentence) {
    io.err.print("Ncat: {} QUITTING.\n", sentence);
    return other;
  };
  if (!words)
    return quits("Try `--help' or man(1) ncat for more information, usage options and help.");
  if (words->has("h")) {
    io.out.write(help_of(verb, io.terminal));
    return 0;
  }
  NcatTeller teller{io.err, static_cast<unsigned>(words->all("v").size()),
                    words->has("l") || words->has("broker") || words->has("chat")};
  const auto version = fmt::format("Version 7.93 (trama {})", TRAMA_VERSION);
  if (words->has("version")) {
    teller.line(version);
    return 0;
  }
  const auto plan = plan_of(*words);
  const auto is_late = [](const std::string& sentence) {
    return sentence.starts_with("error in host");  // what ncat finds once it has said its version
  };
  if (!plan) {
    if (is_late(plan.error().sentence)) teller.told_line(version);
    return quits(plan.error().sentence);
  }
  teller.told_line(version);
  if (words->has("m") && !plan->keeps && !plan->brokers)
    teller.line(
        "Warning: Maximum connections ignored, since it does not take effect without -k or "
        "--broker.");
  if (plan->request.command) teller.program_talks();
  net::hold_standard_descriptors();
  net::raise_descriptor_limit();
  connect::Journal journal;
  if (auto opened = journal.open(words->last("x").value_or(""), words->last("o").value_or(""),
                                 words->has("append-output"));
      !opened)
    return quits(opened.error().sentence + ".");
  return plan->listens ? listen_as(*plan, teller, journal) : talk_as(*plan, teller, journal);
}

}  // namespace

extern const Verb ncat_verb;
const Verb ncat_verb{"ncat",
                     N_("ncat: its options, texts and exit statuses"),
                     "[OPTIONS] [HOST] [PORT]",
                     examples,
                     options,
                     notes,
                     nullptr,
                     nullptr,
                     run_ncat};

}  // namespace trama
