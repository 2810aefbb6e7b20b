#include "connect/judge.h"

#include "base/clock.h"
#include "base/say.h"
#include "connect/tell.h"

namespace trama::connect {
namespace {

// The option that set how long nothing may move.
std::string_view limit_of(const Request& request) { return request.idle ? "-i" : "-w"; }

// What a Unix socket's failures mean, where TCP's and UDP's words would be wrong.
std::optional<std::string> judged_unix(const std::string& name, const Report& report) {
  switch (report.ending) {
    case Ending::refused:
      return say("{} refused: its program has gone", name);
    case Ending::reset:
    case Ending::rest_refused:
      return say("{} closed before it had read everything", name);
    default:
      return std::nullopt;
  }
}

}  // namespace

tl::unexpected<Error> input_lost(int error) {
  return fail(Exit::bad_input, say("standard input cannot be read: {}", errno_text(error)), error);
}

Result<Exit> judged(const Request& request, const std::string& name, const Report& report) {
  if (report.unix_socket)
    if (const auto ended = judged_unix(name, report)) return fail(Exit::no, *ended, report.error);
  switch (report.ending) {
    case Ending::fin:
    case Ending::quit:
    case Ending::reader_left:
      return Exit::yes;
    case Ending::interrupted:
      return Exit::interrupted;
    case Ending::output_lost:
      return fail(Exit::lost_output, say("output was lost: {}", errno_text(report.error)),
                  report.error);
    case Ending::input_lost:
      return input_lost(report.error);
    case Ending::refused:
      return fail(
          Exit::no,
          say("{} refused (ICMP port unreachable): no program has that UDP port open", name),
          report.error);
    case Ending::reset:
      return fail(Exit::no, say("{} reset the connection (RST)", name), report.error);
    case Ending::rest_refused:
      return fail(
          Exit::no,
          say("{} closed the connection before it had taken everything (FIN, then RST)", name),
          report.error);
    case Ending::error:
      return fail(Exit::no, say("{}: {}", name, ending_text(report)), report.error);
    case Ending::idle:
      if (report.unsent > 0)
        return fail(Exit::no,
                    say("{} takes nothing more: the time of {} is over", name, limit_of(request)));
      if (request.transport == Transport::udp) break;
      if (report.received > 0 || request.send_only) return Exit::yes;
      return fail(Exit::no, say("{} said nothing within the time of {}", name, limit_of(request)));
    case Ending::silence:
      break;
  }
  if (report.datagrams_received > 0 || request.send_only) return Exit::yes;
  if (report.unix_socket)
    return fail(Exit::no, say("{} is silent: no answer within {}", name, lasted(report.silence)));
  return fail(Exit::no, say("{} is silent: no answer within {}; UDP does not tell a lost datagram "
                            "from a program that says nothing",
                            name, lasted(report.silence)));
}

}  // namespace trama::connect
