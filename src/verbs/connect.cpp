#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/json.h"
#include "connect/session.h"
#include "connect/tell.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama connect -v 127.0.0.1 65432",             N_("type to a TCP server; Ctrl-D ends your side")},
    {"echo olá | trama connect localhost 65432",    N_("send a line, print the answer")              },
    {"echo olá | trama connect -u 127.0.0.1 65431",
     N_("the same over UDP: status 0 only with an answer")                                            },
    {"trama connect -zv localhost 20-25,80",         N_("only try which TCP ports open")              },
};

constexpr Option options[] = {
    {"udp",         "u", "",           "",  N_("UDP instead of TCP")                                             },
    {"verbose",     "v", "",           "",  N_("tells on standard error what happens")                           },
    {"",            "4", "",           "",  N_("IPv4 only")                                                      },
    {"",            "6", "",           "",  N_("IPv6 only")                                                      },
    {"nodns",       "n", "",           "",  N_("looks no names up: HOST is an address")                          },
    {"wait",        "w", "SECONDS",    "",  N_("longest wait for a connection, and for the next byte")           },
    {"idle",        "i", "SECONDS",    "",  N_("ends when no byte moves for so long, in either direction")       },
    {"quit",        "q", "SECONDS",    "",
     N_("ends this long after the end of input; -1 waits for the peer")                                          },
    {"send-only",   "",  "",           "",  N_("sends, and drops what comes")                                    },
    {"recv-only",   "",  "",           "",  N_("receives, and does not read standard input")                     },
    {"no-shutdown", "",  "",           "",  N_("does not close this side at the end of input")                   },
    {"crlf",        "C", "",           "",  N_("ends lines with CR LF")                                          },
    {"source",      "s", "ADDRESS",    "",  N_("local address to use")                                           },
    {"source-port", "p", "PORT",       "",  N_("local port to use")                                              },
    {"unix",        "U", "PATH",       "",  N_("a Unix socket, instead of HOST and PORT; -u: datagrams")         },
    {"",            "z", "",           "",  N_("connects and closes, without data; several PORTs: 20-25,80")     },
    {"proxy",       "",  "URL",        "",  N_("through it: socks5://USER:PASS@HOST:PORT; socks4, socks4a, http")},
    {"tls",         "",  "",           "",  N_("speaks TLS, and proves who the peer is by its certificate")      },
    {"ca",          "",  "FILE",       "",  N_("trusts these authorities (PEM) instead of the system's")         },
    {"insecure",    "",  "",           "",  N_("TLS with anybody who answers, proven or not")                    },
    {"alpn",        "",  "NAMES",      "",  N_("protocols to offer within TLS, the best first (h2,http/1.1)")    },
    {"cert",        "",  "FILE",       "",  N_("a certificate of your own, for servers that ask (PEM)")          },
    {"key",         "",  "FILE",       "",  N_("its key (PEM)")                                                  },
    {"server-name", "",  "NAME",       "",  N_("the name to ask for (SNI) and to prove, instead of HOST")        },
    {"hex-log",     "x", "FILE",       "",  N_("keeps both directions there, in hexadecimal")                    },
    {"raw-log",     "o", "FILE",       "",  N_("keeps the bytes of both directions there")                       },
    {"tcp-info",    "",  "",           "",  N_("tells at the end what the kernel measured")                      },
    {"reconnect",   "",  "[=SECONDS]", "1", N_("again after a failure or a close, later each time")              },
    {"",            "N", "",           "",  N_("half-close at the end of input: the default, always")            },
    {"listen",      "l", "",           "",  N_("see trama serve")                                                },
    {"keep-open",   "k", "",           "",  N_("see trama serve")                                                },
};

constexpr std::string_view notes = N_(
    "The end of input closes this side (FIN); what the peer still sends is printed until it "
    "closes\n"
    "its own. A peer that closes first still gets the rest of the input; at a terminal that is "
    "the\n"
    "end. Status 0: it worked; 1: not found, no route, refused, timed out, reset, or -w over with\n"
    "nothing received (--send-only expects nothing). Over UDP each read of the input is one "
    "datagram\n"
    "of at most 65507 bytes, nothing else is ever sent, and after the end of input the wait is 1 "
    "s\n"
    "of silence (-w another): status 0 if an answer came or with --send-only, 1 if refused or\n"
    "silent. Standard output carries the peer's bytes and nothing else; -v and --json write to\n"
    "standard error. --send-only leaves when the peer closes, or after 1 s without a byte from "
    "it.\n"
    "--reconnect goes on until Ctrl-C, or until the input has ended and all of it was sent. -U "
    "@NAME\n"
    "is a socket without a file. A password in --proxy is seen by the other users of this machine "
    "(ps).");

Error wrong_use() {
  return {say("connect needs HOST and PORT: trama connect 127.0.0.1 65432"), 0, Exit::bad_input};
}

tl::unexpected<Error> excluded(std::string_view one, std::string_view other) {
  return fail(Exit::bad_input, say("{} and {} exclude each other", one, other));
}

// The command for who comes from netcat's -l.
Error points_to_serve(const Parsed& parsed) {
  std::string places;
  std::string host;
  for (const auto operand : parsed.operands)
    if (parse_port(operand))
      places += fmt::format(" {}{}", host.empty() ? "" : host + ":", operand);
    else
      host = harmless(operand.find(':') == operand.npos ? operand : fmt::format("[{}]", operand));
  if (places.empty() && parsed.has("source-port"))
    places =
        fmt::format(" {}{}", host.empty() ? "" : host + ":", harmless(parsed.text("source-port")));
  if (places.empty()) places = " PORT";
  return {say("connect only opens connections; to listen: trama serve {}{}",
              parsed.has("udp") ? "udp" : "tcp", places),
          0, Exit::bad_input};
}

// "80", "http", "20-25".
Result<void> append_range(std::vector<u16>& ports, std::string_view text,
                          net::Transport transport) {
  const auto dash = text.find('-');
  const auto low = parse_port(text.substr(0, dash));
  if (dash == text.npos || !low) {
    const auto port = net::port_of(text, transport);  // a service's name may have a dash
    if (!port) return fail(port);
    ports.push_back(*port);
    return {};
  }
  const auto high = parse_port(text.substr(dash + 1));
  if (!high || *high < *low)
    return fail(Exit::bad_input, say("\"{}\" is no range of ports", harmless(text)));
  for (u32 port = *low; port <= *high; ++port) ports.push_back(static_cast<u16>(port));
  return {};
}

// The same, several behind commas.
Result<void> append_ports(std::vector<u16>& ports, std::string_view text,
                          net::Transport transport) {
  for (;;) {
    const auto comma = text.find(',');
    if (auto appended = append_range(ports, text.substr(0, comma), transport); !appended)
      return appended;
    if (comma == text.npos) return {};
    text.remove_prefix(comma + 1);
  }
}

struct Target {
  std::string host;
  std::vector<u16> ports;
};

Result<Target> target_of(std::span<const std::string_view> operands, net::Transport transport) {
  if (operands.empty()) return tl::make_unexpected(wrong_use());
  Target target{std::string{operands[0]}, {}};
  auto ports = operands.subspan(1);
  std::string_view attached;
  if (ports.empty()) {  // HOST:PORT, as everybody writes it elsewhere
    const auto colon = operands[0].rfind(':');
    if (colon == std::string_view::npos || parse_address(operands[0]))
      return tl::make_unexpected(wrong_use());
    target.host = operands[0].substr(0, colon);
    attached = operands[0].substr(colon + 1);
    ports = {&attached, 1};
  }
  for (const auto text : ports)
    if (auto appended = append_ports(target.ports, text, transport); !appended)
      return fail(appended);
  if (std::find(target.ports.begin(), target.ports.end(), 0) != target.ports.end())
    return fail(Exit::bad_input, say("nobody can be at port 0: it only means \"any\" to a server"));
  return target;
}

Result<connect::Request> request_of(const Parsed& parsed) {
  connect::Request request;
  request.transport = parsed.has("udp") ? net::Transport::udp : net::Transport::tcp;
  if (parsed.has("4") && parsed.has("6")) return excluded("-4", "-6");
  if (parsed.has("4")) request.family = net::Family::v4;
  if (parsed.has("6")) request.family = net::Family::v6;
  request.lookups = !parsed.has("nodns");
  request.send_only = parsed.has("send-only");
  request.receive_only = parsed.has("recv-only");
  if (request.send_only && request.receive_only) return excluded("--send-only", "--recv-only");
  request.crlf = parsed.has("crlf");
  request.ends.half_close = !parsed.has("no-shutdown");
  if (parsed.has("wait")) {
    const auto wait = parsed.duration("wait");
    if (!wait) return fail(wait);
    if (*wait == std::chrono::nanoseconds{0} && request.transport == net::Transport::tcp)
      return fail(Exit::bad_input, say("-w 0 leaves no time to connect: write -w 1 or -w 300ms"));
    request.wait = *wait;
  }
  if (parsed.has("quit") && !parsed.text("quit").starts_with('-')) {
    const auto quit = parsed.duration("quit");
    if (!quit) return fail(quit);
    request.quit = *quit;
  }
  if (parsed.has("idle")) {
    const auto idle = parsed.duration("idle");
    if (!idle) return fail(idle);
    if (*idle == std::chrono::nanoseconds{0})
      return fail(Exit::bad_input, say("-i 0 ends at once: write -i 30 or -i 500ms"));
    request.idle = *idle;
  }
  if (parsed.has("reconnect")) {
    const auto pause = parsed.duration("reconnect");
    if (!pause) return fail(pause);
    // No pause at all would be a flood.
    request.reconnect = std::max<std::chrono::nanoseconds>(*pause, std::chrono::milliseconds{10});
  }
  if (parsed.has("proxy")) {
    if (parsed.has("udp")) return excluded("--proxy", "-u");
    if (parsed.has("unix")) return excluded("--proxy", "-U");
    if (parsed.has("z")) return excluded("--proxy", "-z");
    auto proxy = connect::parse_proxy(parsed.text("proxy"));
    if (!proxy) return fail(proxy);
    request.proxy = std::move(*proxy);
  }
  if (parsed.has("tls")) {
    for (const std::string_view other : {"udp", "unix", "z"})
      if (parsed.has(other))
        return excluded("--tls", other == "udp" ? "-u" : other == "unix" ? "-U" : "-z");
    if (parsed.has("ca") && parsed.has("insecure")) return excluded("--ca", "--insecure");
    if (parsed.has("cert") != parsed.has("key"))
      return fail(Exit::bad_input, say("--cert FILE and --key FILE belong together"));
    connect::TlsWish wish;
    wish.insecure = parsed.has("insecure");
    wish.authorities = parsed.text("ca");
    wish.alpn = parsed.text("alpn");
    wish.certificate = parsed.text("cert");
    wish.key = parsed.text("key");
    wish.server_name = parsed.text("server-name");
    request.tls = std::move(wish);
  } else {
    for (const std::string_view option : {"ca", "insecure", "alpn", "cert", "key", "server-name"})
      if (parsed.has(option)) return fail(Exit::bad_input, say("--{} needs --tls", option));
  }
  request.path = parsed.text("unix");
  request.tcp_facts = parsed.has("tcp-info");
  if (request.tcp_facts && (parsed.has("udp") || parsed.has("unix")))
    return excluded("--tcp-info", parsed.has("udp") ? "-u" : "-U");
  if (parsed.has("source")) {
    request.source_address = parse_address(parsed.text("source"));
    if (!request.source_address)
      return fail(Exit::bad_input, say("-s takes an address of this machine, not \"{}\"",
                                       harmless(parsed.text("source"))));
  }
  if (parsed.has("source-port")) {
    const auto port = net::port_of(parsed.text("source-port"), request.transport);
    if (!port) return fail(port);
    request.source_port = *port;
  }
  return request;
}

Result<Exit> converse(const Parsed& parsed, Io& io) {
  if (parsed.has("listen") || parsed.has("keep-open"))
    return tl::make_unexpected(points_to_serve(parsed));
  auto request = request_of(parsed);
  if (!request) return fail(request);
  net::hold_standard_descriptors();
  std::unique_ptr<connect::Audience> audience;
  if (io.json)
    audience = std::make_unique<connect::TellJson>(io.err);
  else
    audience = std::make_unique<connect::TellText>(io.err, parsed.has("verbose"));
  const bool only_tries = parsed.has("z");
  if (only_tries && request->reconnect) return excluded("-z", "--reconnect");
  connect::Journal journal;
  if (auto opened =
          journal.open(std::string{parsed.text("hex-log")}, std::string{parsed.text("raw-log")});
      !opened)
    return fail(opened);

  if (parsed.has("unix")) {
    if (!parsed.operands.empty())
      return fail(Exit::bad_input,
                  say("-U takes the socket's path, and no HOST or PORT: trama connect -U {}",
                      harmless(request->path)));
    return only_tries ? connect::try_path(*request, *audience)
                      : connect::talk(*request, 0, *audience, journal);
  }
  auto target = target_of(parsed.operands, request->transport);
  if (!target) return fail(target);
  if (only_tries && parsed.has("udp"))
    return fail(Exit::bad_input,
                say("-z proves nothing over UDP, where nothing answers a connect: trama scan -sU "
                    "-p {} {} asks the port",
                    target->ports.front(), harmless(target->host)));
  if (!only_tries && target->ports.size() > 1)
    return fail(Exit::bad_input, say("one PORT at a time; only -z takes several"));
  request->host = std::move(target->host);
  return only_tries ? connect::try_ports(*request, target->ports, *audience)
                    : connect::talk(*request, target->ports.front(), *audience, journal);
}

// With --json the sentence of an error is a line of JSON too.
Result<Exit> run(const Parsed& parsed, Io& io) {
  auto ended = converse(parsed, io);
  if (ended || !io.json || ended.error().sentence.empty()) return ended;
  JsonLine line{"connect.error"};
  line.seconds("time", wall_clock()).text("sentence", ended.error().sentence);
  if (ended.error().number != 0) line.text("error", errno_text(ended.error().number));
  io.err.write(line.number("status", static_cast<int>(ended.error().exit)).line());
  return ended.error().exit;
}

}  // namespace

extern const Verb connect_verb;
const Verb connect_verb{"connect",
                        N_("opens a TCP or UDP conversation with a host, as netcat does"),
                        "[-u] [-v] HOST PORT",
                        examples,
                        options,
                        notes,
                        run};

}  // namespace trama
