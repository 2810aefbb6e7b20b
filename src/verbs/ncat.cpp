// ncat: its options, its texts, its exit statuses, with trama's engines.
#include <algorithm>
#include <cerrno>
#include <csignal>

#include "connect/await.h"
#include "connect/session.h"
#include "serve/listener.h"
#include "serve/modes.h"
#include "serve/server.h"
#include "verbs/ncat_chat.h"
#include "verbs/ncat_hosts.h"
#include "verbs/ncat_plan.h"
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

constexpr int no = 1, other = 2;  // statuses: the network's failures, and all others

// ncat's last word and status for what the engine says. `quits`: it ends with "QUITTING.".
int told(const NcatPlan& plan, const Error& error, NcatTeller& teller) {
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
  if (plan.listens && teller.connected() && error.exit != Exit::bad_input) {
    // A client that breaks off is told by the status alone.
    return ending == Ending::fin || ending == Ending::quit ? 0 : no;
  }
  if (plan.tries && plan.verbosity == 0) return no;
  const int number = error.number == EPROTO ? EIO : error.number;
  // ncat's word for whatever TLS says; -v has told what the certificate lacks.
  const auto words = number == ETIMEDOUT && !teller.talked()      ? "TIMEOUT"
                     : number != 0                                ? errno_text(number)
                     : plan.request.tls && error.exit == Exit::no ? errno_text(EIO)
                                                                  : error.sentence;
  teller.line(plan.request.proxy && number != 0 && !teller.connected()
                  ? fmt::format("Proxy connection failed: {}.", words)
                  : words + ".");
  return error.exit == Exit::bad_input && number == 0 ? other : no;
}

int try_as(const NcatPlan& plan, NcatTeller& teller) {
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

int talk_as(const NcatPlan& plan, NcatTeller& teller, connect::Journal& journal) {
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
NcatChecked<std::vector<Endpoint>> places_of(const NcatPlan& plan) {
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
    return tl::make_unexpected(
        NcatQuit{fmt::format("Could not resolve hostname \"{}\": {}.", request.host, *why)});
  auto found = net::resolve(request.host, plan.port, request.family, request.lookups);
  if (!found) return tl::make_unexpected(NcatQuit{found.error().sentence});
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

std::function<bool(const Endpoint&)> rules_of(const NcatPlan& plan) {
  if (plan.allow.empty() && plan.deny.empty()) return nullptr;
  return [&plan](const Endpoint& peer) {
    const auto address = peer.address.unmapped();
    if (contains(plan.allow, address)) return true;
    return plan.allow.empty() && !contains(plan.deny, address);
  };
}

int cannot_listen(const NcatPlan& plan, const Error& error, const std::vector<Endpoint>& places,
                  NcatTeller& teller) {
  if (error.number == 0 || error.exit == Exit::interrupted) return told(plan, error, teller);
  const auto at = places.empty() ? plan.request.path : ncat_text(places.back());
  teller.line(fmt::format("bind to {}: {}. QUITTING.", at, errno_text(error.number)));
  return other;
}

// --broker and --chat: trama's server, in whose modes clients meet.
int broker_as(const NcatPlan& plan, const std::vector<Endpoint>& places, NcatTeller& teller) {
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
  all.reserve(places.size() + 1);
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

int listen_as(const NcatPlan& plan, NcatTeller& teller, connect::Journal& journal) {
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
  const auto plan = ncat_plan_of(*words);
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
