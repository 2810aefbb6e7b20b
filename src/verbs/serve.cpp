#include <cerrno>
#include <csignal>
#include <memory>

#include "host/port_holder.h"
#include "net/loop.h"
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
};

constexpr Option options[] = {
    {"quiet",       "q", "",         "",   N_("tells only start, end and errors")},
    {"close-after", "",  "DURATION", "0s",
     N_("closes this long after the client's FIN (300ms, 2s)")                   },
};

constexpr std::string_view notes = N_(
    "Each message is answered in upper case: ASCII, and the Latin-1 letters in UTF-8 (olá, OLÁ).\n"
    "A bare PORT listens on 127.0.0.1; port 0 lets the kernel choose. [::]:PORT takes IPv6 only:\n"
    "name 0.0.0.0:PORT too for both. TCP carries a stream of bytes, no messages: a line shows "
    "what\n"
    "one read brought. A client that does not read its answers delays nobody: when 1 MiB of them\n"
    "waits, the server stops reading from it until it has taken them all.\n"
    "Ctrl-C ends with a summary and status 130, SIGTERM with status 0.");

// How long the summary may take where nobody reads: Ctrl-C is to be quick.
constexpr std::chrono::milliseconds last_words{200};

Result<Exit> run(const Parsed& parsed, Io& io) {
  const auto places = serve::parse_places(parsed.operands);
  if (!places) return fail(places);
  const auto close_after = parsed.duration("close-after");
  if (!close_after) return fail(close_after);
  net::hold_standard_descriptors();
  net::raise_descriptor_limit();
  const auto loop = net::Loop::make();
  if (!loop) return fail(loop);

  net::PatientOutput out{**loop, 1};
  const bool quiet = parsed.has("quiet");
  std::unique_ptr<serve::Audience> audience;
  if (io.json)
    audience = std::make_unique<serve::TellJson>(out, quiet);
  else
    audience = std::make_unique<serve::TellText>(out, io.terminal, quiet);
  const auto server =
      serve::Server::open(**loop, *places, {*close_after, host::holder_of}, *audience);
  if (!server) return fail(server);

  int signal = 0;
  const auto heard = (*loop)->on_signals({SIGINT, SIGTERM, SIGHUP}, [&](int number) {
    signal = number;
    (*server)->stop();
  });
  if (!heard) return fail(heard);
  (*server)->run();
  out.finish(last_words);
  if (out.error() != 0 && out.error() != EPIPE)
    return fail(Exit::lost_output, say("output was lost: {}", errno_text(out.error())));
  return signal == SIGINT ? Exit::interrupted : Exit::yes;
}

}  // namespace

extern const Verb serve_verb;
const Verb serve_verb{"serve",
                      N_("answers TCP and UDP clients in upper case, and tells what happens"),
                      "[tcp|udp] [HOST:]PORT...",
                      examples,
                      options,
                      notes,
                      run};

}  // namespace trama
