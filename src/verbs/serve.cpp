#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "host/port_holder.h"
#include "host/privileges.h"
#include "host/service_manager.h"
#include "net/loop.h"
#include "serve/metrics.h"
#include "serve/server.h"
#include "verbs/serve_settings.h"
#include "verbs/serve_tellers.h"
#include "verbs/server_person.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama serve",                                N_("TCP port 65432 and UDP port 65431 of this machine")},
    {"trama serve tcp 8080",                       N_("TCP port 8080, for clients on this machine")       },
    {"trama serve tcp 0.0.0.0:8080",               N_("the same for every machine that reaches this one") },
    {"trama serve tcp 7000 7001 udp [::1]:7000",   N_("several ports, IPv6 too")                          },
    {"trama serve unix:/tmp/trama.sock",           N_("a Unix socket; unixgram:PATH for datagrams")       },
    {"trama serve --mode chat tcp 0.0.0.0:7000",
     N_("a chat for whoever connects, with netcat too")                                                   },
    {"trama serve --file notes.pdf tcp 8080",      N_("sends a file to each client")                      },
    {"trama serve --proxy-to '*:80,443' tcp 1080", N_("a proxy to the web")                               },
    {"trama serve --root . tcp 8080",              N_("shows this folder to browsers")                    },
    {"trama serve --exec 'tr a-z A-Z' tcp 7000",   N_("a program for each client")                        },
};

constexpr Option options[] = {
    {"mode",           "m", "MODE",        "upper", N_("what is done with what comes (the list below)")                       },
    {"file",           "",  "FILE",        "",      N_("sends FILE to every client, then closes")                             },
    {"root",           "",  "DIR",         "",      N_("shows DIR and what is below to browsers (HTTP)")                      },
    {"proxy-to",       "",  "HOST:PORTS",  "",      N_("is a proxy to these places: SOCKS and HTTP CONNECT")                  },
    {"proxy-auth",     "",  "USER:PASS",   "",      N_("its clients have to know this")                                       },
    {"exec",           "",  "COMMAND",     "",      N_("runs a program for each client, without a shell")                     },
    {"sh-exec",        "",  "COMMAND",     "",      N_("the same with /bin/sh -c")                                            },
    {"log",            "",  "FILE",        "",      N_("keeps all lines in FILE too (--json: as JSON)")                       },
    {"quiet",          "q", "",            "",      N_("tells only start, end and errors")                                    },
    {"close-after",    "",  "DURATION",    "0s",
     N_("closes this long after the client's FIN (300ms, 2s)")                                                                },
    {"queue",          "",  "BYTES",       "1MiB",  N_("what may wait for a client that reads slowly")                        },
    {"slow",           "",  "POLICY",      "drop",
     N_("chat and room, queue full: drop (the oldest) or disconnect")                                                         },
    {"max-message",    "",  "BYTES",       "64KiB", N_("the longest line in chat")                                            },
    {"udp-stays",      "",  "DURATION",    "60s",
     N_("chat and room: a UDP peer is a member this long after it sent")                                                      },
    {"access-log",     "",  "FILE",        "",
     N_("a line in FILE for each connection that ended or was refused")                                                       },
    {"hex",            "x", "",            "",      N_("tells messages as hexadecimal dumps")                                 },
    {"metrics",        "",  "[HOST:]PORT", "",
     N_("answers GET /metrics (Prometheus) and GET /health there")                                                            },
    {"tls",            "",  "",            "",      N_("speaks TLS on streams; without --cert with a certificate made for it")},
    {"cert",           "",  "FILE",        "",      N_("the certificate and its chain (PEM)")                                 },
    {"key",            "",  "FILE",        "",      N_("its key (PEM)")                                                       },
    {"client-ca",      "",  "FILE",        "",
     N_("clients must show a certificate signed by one of these (PEM)")                                                       },
    {"alpn",           "",  "NAMES",       "",      N_("protocols to agree on, the best first (h2,http/1.1)")                 },
    {"dual",           "",  "",            "",      N_("[::]:PORT takes IPv4 too")                                            },
    {"user",           "",  "NAME",        "",      N_("becomes this user when all is open (started as root)")                },
    {"max-clients",    "",  "N",           "",      N_("so many connections at once; who comes later is told")                },
    {"max-per-peer",   "",  "N",           "",      N_("so many connections of one address")                                  },
    {"rate",           "",  "BYTES",       "",      N_("so many bytes a second from one address (64KiB)")                     },
    {"idle",           "",  "DURATION",    "",      N_("closes a connection on which nothing moves so long")                  },
    {"allow",          "",  "CIDR",        "",
     N_("lets these addresses in; the first of all --allow and --deny decides")                                               },
    {"deny",           "",  "CIDR",        "",      N_("keeps these addresses out")                                           },
    {"proxy-protocol", "",  "",            "",      N_("each connection begins with a PROXY header (v1 or v2)")               },
    {"proxy-from",     "",  "CIDR",        "",      N_("whose PROXY headers count (without it: this machine's)")              },
    {"drain",          "",  "DURATION",    "10s",   N_("SIGTERM: how long open connections are answered yet")                 },
};

constexpr std::string_view notes =
    N_("upper knows ASCII, and the Latin-1 letters in UTF-8 (olá, OLÁ). In chat, \"/name X\" sets "
       "a name;\n"
       "lines are made harmless for terminals. What is typed here goes to all of chat and room.\n"
       "A bare PORT listens on 127.0.0.1; port 0 lets the kernel choose. [::]:PORT takes IPv6 "
       "only: name\n"
       "0.0.0.0:PORT too for both, or use --dual. unix:@NAME has no file. Sockets of systemd\n"
       "(LISTEN_FDS) are taken, and NOTIFY_SOCKET is told. TCP carries a stream of bytes, no "
       "messages: a\n"
       "line shows what one read brought. A client that does not read delays nobody: when --queue "
       "bytes\n"
       "of its answers wait, the server stops reading from it until it has taken them all; what "
       "others\n"
       "say in chat and room is left out for it, counted and told.\n"
       "Of all --allow and --deny, the first that has the address decides; where none has it, it "
       "comes\n"
       "in, unless there is an --allow. Datagrams over --rate are dropped; connections wait.\n"
       "SIGTERM: no new connections; what came is answered, for --drain at most; a second one ends "
       "at\n"
       "once. Ctrl-C ends with a summary and status 130. SIGHUP opens the files of --log,\n"
       "--access-log, --cert, --key and --client-ca anew; without any it ends.");

// How long the summary may take where nobody reads: Ctrl-C is to be quick.
constexpr std::chrono::milliseconds last_words{200};

std::string list_of_modes() {
  std::string text;
  for (const auto* mode : serve::modes())
    text += fmt::format("  {:<8}  {}\n", mode->name, translated(mode->help));
  return text;
}

// Where --metrics wants to be asked; a socket that is not open without it.
Result<Fd> metrics_listener(const Parsed& parsed, std::span<const serve::Listener> clients) {
  const auto word = parsed.last("metrics");
  if (!word) return Fd{};
  auto places = serve::parse_places({&*word, 1});
  if (!places) return fail(places);
  if (places->size() != 1 || places->front().transport != net::Transport::tcp)
    return fail(Exit::bad_input, say("--metrics takes [HOST:]PORT, not \"{}\"", harmless(*word)));
  const auto& place = places->front();
  auto listeners = serve::open_listeners(*places, {}, host::holder_of);
  if (listeners) return std::move(listeners->front().socket);
  const auto ours = serve::holder_among(clients, place);
  if (ours.empty() || listeners.error().number != EADDRINUSE) return fail(listeners);
  return serve::same_port("--metrics " + to_string(place), ours);
}

// SIGHUP. False: there are no files.
bool opens_files_anew(ServeTellers& tellers, serve::Server& server) {
  const bool logs = tellers.reopen_files();
  const auto reloaded = server.reload_certificate();
  if (reloaded && !*reloaded)
    Out{2}.print("trama: {}\n",
                 say("{} (the certificate from before stays)", reloaded->error().sentence));
  return logs || reloaded;
}

Result<Exit> run(const Parsed& parsed, Io& io) {
  auto inherited = host::inherited_sockets();
  auto settings = serve_settings(parsed);
  if (!settings) return fail(settings);
  const auto places = serve_places(parsed, *settings->mode, !inherited.empty());
  if (!places) return fail(places);
  net::hold_standard_descriptors();
  net::raise_descriptor_limit();
  const auto loop = net::Loop::make();
  if (!loop) return fail(loop);
  const auto tellers = ServeTellers::make(parsed, io, **loop);
  if (!tellers) return fail(tellers);
  auto listeners = serve::open_listeners(*places, std::move(inherited), host::holder_of);
  if (!listeners) return fail(listeners);
  for (const auto& listener : *listeners)  // inherited ones, too
    if (const auto fits = serve_place_fits(parsed, *settings->mode, listener.place); !fits)
      return fail(fits);
  auto asked = metrics_listener(parsed, *listeners);
  if (!asked) return fail(asked);
  if (const auto user = parsed.last("user"))
    if (const auto became = host::become(std::string{*user}); !became) return fail(became);
  const auto fingerprint = settings->tls ? settings->tls->fingerprint() : std::string{};
  const serve::Mode* const mode = settings->mode;
  const auto server = serve::Server::open(**loop, std::move(*listeners), std::move(*settings),
                                          (*tellers)->audience());
  if (!server) return fail(server);
  if (!fingerprint.empty()) (*tellers)->audience().certificate(fingerprint);
  std::unique_ptr<serve::Metrics> metrics;
  if (asked->is_open()) {
    (*tellers)->audience().metrics_at(net::local_of(asked->get()));
    auto opened = serve::Metrics::open(**loop, std::move(*asked));
    if (!opened) return fail(opened);
    metrics = std::move(*opened);
    metrics->ask([s = server->get()] { return s->summary(); });
    (*tellers)->audience().add(*metrics);
  }

  std::optional<ServerPerson> person;
  if (mode->meets) person.emplace(**loop, **server, *mode);

  int signal = 0;
  const auto heard = (*loop)->on_signals({SIGINT, SIGTERM, SIGHUP}, [&](int number) {
    if (number == SIGHUP && opens_files_anew(**tellers, **server)) return;
    signal = number;
    if (number == SIGTERM && !(*server)->drains()) {
      host::notify("STOPPING=1");
      return (*server)->drain();
    }
    (*server)->stop();
  });
  if (!heard) return fail(heard);
  host::notify("READY=1");
  (*server)->run();
  (*tellers)->out().finish(last_words);
  if (const int error = (*tellers)->lost(); error != 0)
    return fail(Exit::lost_output, say("output was lost: {}", errno_text(error)));
  return signal == SIGINT ? Exit::interrupted : Exit::yes;
}

}  // namespace

extern const Verb serve_verb;
const Verb serve_verb{
    "serve",
    N_("serves TCP and UDP clients (upper case, echo, chat, ...), and tells what happens"),
    "[tcp|udp] [HOST:]PORT... | unix:PATH | unixgram:PATH",
    examples,
    options,
    notes,
    run,
    list_of_modes};

}  // namespace trama
