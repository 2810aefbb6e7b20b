#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "host/port_holder.h"
#include "net/loop.h"
#include "serve/audiences.h"
#include "serve/log_file.h"
#include "serve/server.h"
#include "serve/tell.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama serve",                              N_("TCP port 65432 and UDP port 65431 of this machine")},
    {"trama serve tcp 8080",                     N_("TCP port 8080, for clients on this machine")       },
    {"trama serve tcp 0.0.0.0:8080",             N_("the same for every machine that reaches this one") },
    {"trama serve tcp 7000 7001 udp [::1]:7000", N_("several ports, IPv6 too")                          },
    {"trama serve --mode chat tcp 0.0.0.0:7000",
     N_("a chat for whoever connects, with netcat too")                                                 },
    {"trama serve --file notes.pdf tcp 8080",    N_("sends a file to each client")                      },
};

constexpr Option options[] = {
    {"mode",         "m", "MODE",     "upper", N_("what is done with what comes (the list below)")       },
    {"file",         "",  "FILE",     "",      N_("sends FILE to every client, then closes")             },
    {"log",          "",  "FILE",     "",      N_("keeps all lines in FILE too (--json: as JSON)")       },
    {"quiet",        "q", "",         "",      N_("tells only start, end and errors")                    },
    {"close-after",  "",  "DURATION", "0s",
     N_("closes this long after the client's FIN (300ms, 2s)")                                           },
    {"queue",        "",  "BYTES",    "1MiB",  N_("what may wait for a client that reads slowly")        },
    {"slow",         "",  "POLICY",   "drop",
     N_("chat and room, queue full: drop (the oldest) or disconnect")                                    },
    {"max-message",  "",  "BYTES",    "64KiB", N_("the longest line in chat")                            },
    {"udp-stays",    "",  "DURATION", "60s",
     N_("chat and room: a UDP peer is a member this long after it sent")                                 },
    {"max-clients",  "",  "N",        "",      N_("so many connections at once; who comes later is told")},
    {"max-per-peer", "",  "N",        "",      N_("so many connections of one address")                  },
    {"rate",         "",  "BYTES",    "",      N_("so many bytes a second from one address (64KiB)")     },
    {"idle",         "",  "DURATION", "",      N_("closes a connection on which nothing moves so long")  },
    {"allow",        "",  "CIDR",     "",
     N_("lets these addresses in; the first of all --allow and --deny decides")                          },
    {"deny",         "",  "CIDR",     "",      N_("keeps these addresses out")                           },
    {"drain",        "",  "DURATION", "10s",   N_("SIGTERM: how long open connections are answered yet") },
};

constexpr std::string_view notes = N_(
    "upper knows ASCII, and the Latin-1 letters in UTF-8 (olá, OLÁ). In chat, \"/name X\" sets a\n"
    "name; lines are made harmless for terminals.\n"
    "A bare PORT listens on 127.0.0.1; port 0 lets the kernel choose. [::]:PORT takes IPv6 only:\n"
    "name 0.0.0.0:PORT too for both. TCP carries a stream of bytes, no messages: a line shows "
    "what\n"
    "one read brought. A client that does not read delays nobody: when --queue bytes of its "
    "answers\n"
    "wait, the server stops reading from it until it has taken them all; what others say in chat\n"
    "and room is left out for it, counted and told.\n"
    "Of all --allow and --deny, the first that has the address decides; where none has it, it "
    "comes\n"
    "in, unless there is an --allow. Datagrams over --rate are dropped; connections wait.\n"
    "SIGTERM: no new connections; what came is answered, for --drain at most; a second one ends "
    "at\n"
    "once. Ctrl-C ends with a summary and status 130. SIGHUP opens the files anew; without any it "
    "ends.");

// How long the summary may take where nobody reads: Ctrl-C is to be quick.
constexpr std::chrono::milliseconds last_words{200};

std::string list_of_modes() {
  std::string text;
  for (const auto* mode : serve::modes())
    text += fmt::format("  {:<8}  {}\n", mode->name, translated(mode->help));
  return text;
}

Result<const serve::Mode*> mode_of(const Parsed& parsed) {
  const auto word = parsed.has("file") && !parsed.has("mode") ? "file" : parsed.text("mode");
  const serve::Mode* mode = serve::mode_of(word);
  if (mode == nullptr) {
    std::string all;
    for (const auto* one : serve::modes()) {
      if (!all.empty()) all += ", ";
      all += one->name;
    }
    return fail(Exit::bad_input, say("\"{}\" is no mode; there are {}", word, all));
  }
  if ((mode == &serve::file_mode) != parsed.has("file"))
    return fail(Exit::bad_input, say("--mode file and --file FILE belong together"));
  return mode;
}

Result<Fd> file_of(const Parsed& parsed) {
  const auto path = parsed.last("file");
  if (!path) return Fd{};
  Fd file{open(std::string{*path}.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about {};
  if (!file.is_open() || fstat(file.get(), &about) != 0)
    return fail(Exit::bad_input, say("cannot read {}: {}", *path, errno_text(errno)), errno);
  if (!S_ISREG(about.st_mode))
    return fail(Exit::bad_input, say("{} is no plain file: --file sends those only", *path));
  return file;
}

Result<std::vector<serve::Place>> places_of(const Parsed& parsed, const serve::Mode& mode) {
  auto places = serve::parse_places(parsed.operands);
  if (!places || mode.datagrams) return places;
  if (parsed.operands.empty()) places->pop_back();  // the usual TCP port only
  for (const auto& place : *places)
    if (place.transport == net::Transport::udp)
      return fail(Exit::bad_input,
                  say("--mode {} is for streams: leave udp {} out", mode.name, place.at.port));
  return places;
}

Result<serve::Limits> limits_of(const Parsed& parsed) {
  serve::Limits limits;
  for (const auto& [option, value] : parsed.in_order({"allow", "deny"})) {
    const auto block = parse_cidr(value);
    if (!block)
      return fail(Exit::bad_input, say("--{} takes addresses (10.0.0.0/8, ::1), not \"{}\"", option,
                                       harmless(value)));
    limits.rules.push_back({option == "allow", *block});
  }
  constexpr long long most = 1'000'000;
  for (const auto& [option, limit] : {
           std::pair{"max-clients",  &limits.clients },
           std::pair{"max-per-peer", &limits.per_peer}
  }) {
    if (!parsed.has(option)) continue;
    const auto number = parsed.number(option, 1, most);
    if (!number) return fail(number);
    *limit = static_cast<u64>(*number);
  }
  if (parsed.has("rate")) {
    const auto rate = parsed.size("rate");
    if (!rate) return fail(rate);
    limits.rate = *rate;
  }
  return limits;
}

Result<serve::Settings> settings_of(const Parsed& parsed) {
  serve::Settings settings;
  settings.holder = host::holder_of;
  const auto mode = mode_of(parsed);
  if (!mode) return fail(mode);
  settings.mode = *mode;
  auto file = file_of(parsed);
  if (!file) return fail(file);
  settings.file = std::move(*file);
  auto limits = limits_of(parsed);
  if (!limits) return fail(limits);
  settings.limits = std::move(*limits);
  if (parsed.has("idle")) {
    const auto idle = parsed.duration("idle");
    if (!idle) return fail(idle);
    settings.idle = *idle;
  }
  const auto drain = parsed.duration("drain");
  if (!drain) return fail(drain);
  settings.drain = *drain;
  const auto close_after = parsed.duration("close-after");
  const auto stays = parsed.duration("udp-stays");
  const auto queue = parsed.size("queue");
  const auto line = parsed.size("max-message");
  if (!close_after) return fail(close_after);
  if (!stays) return fail(stays);
  if (!queue) return fail(queue);
  if (!line) return fail(line);
  settings.close_after = *close_after;
  settings.peer_stays = *stays;
  settings.queueing.limit = *queue;
  settings.max_line = *line;
  const auto slow = parsed.text("slow");
  if (slow != "drop" && slow != "disconnect")
    return fail(Exit::bad_input, say("--slow takes drop or disconnect, not \"{}\"", slow));
  settings.queueing.slow = slow == "drop" ? serve::Slow::drop : serve::Slow::disconnect;
  return settings;
}

// What is told, and to whom: the terminal, and the files that keep it.
class Tellers {
 public:
  static Result<std::unique_ptr<Tellers>> make(const Parsed& parsed, const Io& io,
                                               net::Loop& loop) {
    auto all = std::make_unique<Tellers>(loop);
    all->tell(all->out_, {.terminal = io.terminal, .quiet = parsed.has("quiet")}, io.json);
    if (const auto path = parsed.last("log")) {
      auto file = serve::LogFile::open(std::string{*path}, complain);
      if (!file) return fail(file);
      all->tell(**file, {.dated = true}, io.json);
      all->files_.push_back(std::move(*file));
    }
    return all;
  }
  explicit Tellers(net::Loop& loop) : out_(loop, 1) {}

  serve::Audience& audience() { return audience_; }
  net::PatientOutput& out() { return out_; }
  // False: there are no files.
  bool reopen_files() {
    for (const auto& file : files_) file->reopen();
    return !files_.empty();
  }
  [[nodiscard]] int lost() const {
    if (out_.error() != 0 && out_.error() != EPIPE) return out_.error();
    for (const auto& file : files_)
      if (file->error() != 0) return file->error();
    return 0;
  }

 private:
  // Once a file; standard error may stand still, but a line fits.
  static void complain(const std::string& sentence) { Out{2}.print("trama: {}\n", sentence); }
  void tell(net::Lines& lines, const serve::Look& look, bool json) {
    if (json)
      owned_.push_back(std::make_unique<serve::TellJson>(lines, look.quiet));
    else
      owned_.push_back(std::make_unique<serve::TellText>(lines, look));
    audience_.add(*owned_.back());
  }
  net::PatientOutput out_;
  std::vector<std::unique_ptr<serve::LogFile>> files_;
  std::vector<std::unique_ptr<serve::Audience>> owned_;
  serve::Audiences audience_;
};

Result<Exit> run(const Parsed& parsed, Io& io) {
  auto settings = settings_of(parsed);
  if (!settings) return fail(settings);
  const auto places = places_of(parsed, *settings->mode);
  if (!places) return fail(places);
  net::hold_standard_descriptors();
  net::raise_descriptor_limit();
  const auto loop = net::Loop::make();
  if (!loop) return fail(loop);
  const auto tellers = Tellers::make(parsed, io, **loop);
  if (!tellers) return fail(tellers);
  const auto server =
      serve::Server::open(**loop, *places, std::move(*settings), (*tellers)->audience());
  if (!server) return fail(server);

  int signal = 0;
  const auto heard = (*loop)->on_signals({SIGINT, SIGTERM, SIGHUP}, [&](int number) {
    if (number == SIGHUP && (*tellers)->reopen_files()) return;
    signal = number;
    if (number == SIGTERM && !(*server)->drains()) return (*server)->drain();
    (*server)->stop();
  });
  if (!heard) return fail(heard);
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
    "[tcp|udp] [HOST:]PORT...",
    examples,
    options,
    notes,
    run,
    list_of_modes};

}  // namespace trama
