#include "lab/lab.h"

#include <unistd.h>

#include <charconv>
#include <ctime>
#include <memory>

#include "lab/recorder.h"
#include "lab/tell.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama lab",                                            N_("a TCP and a UDP conversation over a slow wire") },
    {"trama lab --once --delay 1s",                          N_("slower, and ending by itself")                  },
    {"trama lab --step",                                     N_("you let each frame pass")                       },
    {"trama lab --loss 20% --once",                          N_("every fifth frame is lost: see retransmissions")},
    {"trama lab --server 'python3 server.py'",
     N_("your own server; it finds its port in $TRAMA_PORT")                                                     },
    {"trama lab --client 'nc -N $TRAMA_SERVER $TRAMA_PORT'", N_("your own client")                               },
};

constexpr Option options[] = {
    {"delay",  "",  "TIME",    "300ms", N_("how long each frame is on its way")                        },
    {"loss",   "",  "PERCENT", "0%",    N_("how many frames are lost")                                 },
    {"seed",   "",  "NUMBER",  "",      N_("repeats the losses of an earlier run")                     },
    {"step",   "",  "",        "",      N_("holds every frame until Enter lets it pass")               },
    {"once",   "",  "",        "",      N_("ends when the client has ended and nothing is on the wire")},
    {"server", "",  "COMMAND", "",      N_("runs this in the server's host, instead of trama serve")   },
    {"client", "",  "COMMAND", "",      N_("runs this in the client's host, instead of trama connect") },
    {"",       "w", "FILE",    "",      N_("writes all frames to a pcapng file; - is standard output") },
    {"port",   "",  "PORT",    "65432", N_("the server's TCP port; the UDP port is the one below")     },
    {"ipv6",   "",  "",        "",      N_("over IPv6; else the hosts have none")                      },
};

constexpr std::string_view notes = N_(
    "The hosts are namespaces of this machine's own kernel: the states shown are real, read when "
    "a\n"
    "frame leaves its sender and right after it is delivered. No right is needed where user\n"
    "namespaces are allowed. The client is 10.9.0.1 (fd00:9::1), the server 10.9.0.2 (fd00:9::2);\n"
    "commands run by /bin/sh and find the server in $TRAMA_SERVER and $TRAMA_PORT.\n"
    "A SYN on its way for more than a second is sent again: that is TCP, and the lab shows it.");

// "10%", "10" and "0.5%" are percents. Nothing where it is none between 0 and 100.
std::optional<double> share(std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  double percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (!(percent >= 0 && percent <= 100)) return {};
  return percent / 100;
}

Result<lab::Options> options_of(const Parsed& parsed) {
  lab::Options options;
  const auto delay = parsed.duration("delay", std::chrono::milliseconds{1});
  if (!delay) return fail(delay);
  if (*delay > std::chrono::hours{1})
    return fail(Exit::bad_input, say("--delay takes an hour at most"));
  options.wire.delay = *delay;
  const auto loss = share(parsed.text("loss"));
  if (!loss)
    return fail(Exit::bad_input, say("--loss takes a percentage from 0% to 100%, not \"{}\"",
                                     harmless(parsed.text("loss"))));
  options.wire.loss = *loss;
  options.wire.seed = static_cast<u64>(time(nullptr)) % 100'000;  // short enough to be typed again
  if (parsed.has("seed")) {
    const auto seed = parsed.number("seed", 0, INT64_MAX);
    if (!seed) return fail(seed);
    options.wire.seed = static_cast<u64>(*seed);
  }
  const auto port = parsed.number("port", 2, 65535);
  if (!port) return fail(port);
  options.tcp_port = static_cast<u16>(*port);
  options.udp_port = static_cast<u16>(*port - 1);
  options.wire.step = parsed.has("step");
  options.once = parsed.has("once");
  options.ipv6 = parsed.has("ipv6");
  options.server_command = parsed.text("server");
  options.client_command = parsed.text("client");
  if (!parsed.operands.empty())
    return fail(Exit::bad_input, say("lab takes no \"{}\"; commands go behind --server or --client",
                                     harmless(parsed.operands[0])));
  return options;
}

// The lab, or its conversation over loopback where the system forbids the lab. That needs no wire:
// whoever asked for programs, steps or losses is told why there are none.
Result<lab::Outcome> run_somewhere(const lab::Options& options, lab::Watcher& watcher, Io& io) {
  auto outcome = lab::run_lab(options, watcher);
  const bool plain = options.server_command.empty() && options.client_command.empty() &&
                     !options.wire.step && options.wire.loss == 0 && !options.ipv6;
  if (outcome || outcome.error().exit != Exit::no_right || !plain) return outcome;
  io.err.print("trama: {}\n", outcome.error().sentence);
  io.err.flush();
  return lab::run_over_loopback(options, watcher);
}

template <class Tell>
Result<Exit> run_and_tell(const lab::Options& options, Tell&& tell, Io& io) {
  const auto outcome = run_somewhere(options, tell, io);
  if (!outcome) return fail(outcome);
  tell.summary(*outcome);
  if (outcome->interrupted) return Exit::interrupted;
  return outcome->client_status == 0 ? Exit::yes : Exit::no;
}

Result<Exit> run(const Parsed& parsed, Io& io) {
  auto options = options_of(parsed);
  if (!options) return fail(options);
  std::unique_ptr<lab::Recorder> capture;
  const auto path = parsed.last("w");
  if (path) {
    auto opened = lab::Recorder::open(std::string{*path});
    if (!opened) return fail(opened);
    capture = std::move(*opened);
    options->capture = capture.get();
  }
  Out& out = path == "-" ? io.err : io.out;  // standard output carries packets then
  auto exit = io.json ? run_and_tell(*options, lab::TellJson{out, *options}, io)
                      : run_and_tell(*options, lab::TellText{out, io.terminal, *options}, io);
  if (capture)
    if (const auto closed = capture->close(); !closed) return fail(closed);
  return exit;
}

}  // namespace

extern const Verb lab_verb;
const Verb lab_verb{"lab",
                    N_("two hosts and a slow wire between them: watch TCP and UDP at work"),
                    "[--delay TIME] [--step] [--once] [--server COMMAND] [--client COMMAND]",
                    examples,
                    options,
                    notes,
                    run};

}  // namespace trama
