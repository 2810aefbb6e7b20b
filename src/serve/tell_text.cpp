#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/say.h"
#include "serve/hex.h"
#include "serve/tell.h"

namespace trama::serve {
namespace {

constexpr std::size_t most_shown = 4096;  // bytes of one message; JSON has all

std::string connections(u64 n) { return say_n("{} connection", "{} connections", n, n); }
std::string messages(u64 n) { return say_n("{} message", "{} messages", n, n); }

std::string traffic_text(const Traffic& traffic) {
  auto text = say_n("{}, {} byte in, {} out", "{}, {} bytes in, {} out", traffic.bytes_in,
                    messages(traffic.messages), traffic.bytes_in, traffic.bytes_out);
  if (traffic.dropped > 0)
    text +=
        say_n(", {} message left out", ", {} messages left out", traffic.dropped, traffic.dropped);
  return text;
}

Colour colour_of(Ending ending) {
  switch (ending) {
    case Ending::fin:
    case Ending::sent:
    case Ending::drained:
    case Ending::program:
    case Ending::answered:
      return Colour::plain;
    default:
      return Colour::red;
  }
}

// Each client keeps a colour, so that an eye can follow one.
Colour colour_of(const Client& client) {
  constexpr Colour row[] = {Colour::cyan, Colour::yellow, Colour::magenta, Colour::blue};
  return row[client.number % std::size(row)];
}

}  // namespace

void append_text(std::string& line, Bytes text) {
  const auto shown = chars(text.first(std::min(text.size(), most_shown)));
  append_harmless(line, shown);
  if (const auto more = text.size() - shown.size(); more > 0)
    line += say_n(" ... and {} byte more", " ... and {} bytes more", more, more);
}

void TellText::listening(const Place& place) {
  const auto transport = net::name_of(place.transport);
  const Endpoint& at = place.at;
  out_.buffer().append(say("listening on {} {}", terminal_.paint(Colour::bold, transport),
                           terminal_.paint(Colour::bold, to_string(place))));
  if (!net::is_unix(place.transport) && at.address.is_loopback())
    fmt::format_to(
        std::back_inserter(out_.buffer()), "  {}",
        terminal_.paint(Colour::dim,
                        say("(this machine only; trama serve {} {}:{} opens it to others)",
                            transport, at.address.v6 ? "[::]" : "0.0.0.0", at.port)));
  out_.buffer().append("\n");
}

bool TellText::wants_line() {
  if (look_.quiet) return false;
  if (!out_.has_room()) {
    ++left_out_;
    return false;
  }
  return true;
}

void TellText::round_over() {
  out_.flush();
  if (left_out_ == 0 || !out_.has_room()) return;
  const u64 count = std::exchange(left_out_, 0);
  out_.buffer() += say_n("{} line left out: the output is too slow\n",
                         "{} lines left out: the output is too slow\n", count, count);
  out_.flush();
}

void TellText::start_line(const Client& client) {
  fmt::format_to(
      std::back_inserter(out_.buffer()), "{}  {} {} {}  ",
      terminal_.paint(Colour::dim,
                      look_.dated ? date_and_time(wall_clock()) : time_of_day(wall_clock())),
      terminal_.paint(colour_of(client),
                      client.number == 0 ? std::string{"-"} : fmt::format("#{}", client.number)),
      net::name_of(client.transport), peer_text(client));
}

void TellText::metrics_at(const Endpoint& place) {
  out_.buffer() += say("metrics at http://{}/metrics\n", to_string(place));
}

void TellText::certificate(std::string_view fingerprint) {
  out_.buffer() += say("TLS with the certificate of SHA-256 {}\n", fingerprint);
}

void TellText::connected(const Client& client) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n",
                 terminal_.paint(Colour::green, client.via.empty()
                                                    ? say("connected")
                                                    : say("connected, through {}", client.via)));
}

void TellText::refused(const Client& client, Refusal why) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n",
                 terminal_.paint(Colour::red, say("refused: {}", refusal_text(why))));
}

void TellText::message(const Client& client, Bytes text) {
  if (!wants_line()) return;
  start_line(client);
  out_.buffer().append(say_n("{} byte: ", "{} bytes: ", text.size(), text.size()));
  if (look_.hex) {
    out_.buffer() += '\n';
    return append_hex(out_.buffer(), text);
  }
  append_text(out_.buffer(), text);
  out_.buffer().append("\n");
}

void TellText::falls_behind(const Client& client) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n",
                 terminal_.paint(Colour::red, say("reads too slowly: it misses what others send")));
}

void TellText::caught_up(const Client& client, u64 dropped) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n",
                 say_n("has caught up: {} message was left out",
                       "has caught up: {} messages were left out", dropped, dropped));
}

void TellText::disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                            std::chrono::nanoseconds time) {
  if (ending != Ending::error && !wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}; {}, {}\n",
                 terminal_.paint(colour_of(ending), ending_text(ending, error)),
                 traffic_text(traffic), lasted(time));
}

void TellText::program_ended(const Client& client, int pid, int status) {
  if (!wants_line()) return;
  start_line(client);
  out_.buffer() +=
      WIFSIGNALED(status)
          ? say("its program (pid {}) was ended by signal {}\n", pid, WTERMSIG(status))
          : say("its program (pid {}) ended with status {}\n", pid, WEXITSTATUS(status));
}

void TellText::request(const Client& client, const Request& request) {
  if (!wants_line()) return;
  start_line(client);
  append_harmless(out_.buffer(), request.method);
  out_.buffer() += ' ';
  append_text(out_.buffer(), {reinterpret_cast<const u8*>(request.target.data()),
                              std::min(request.target.size(), most_shown)});
  fmt::format_to(std::back_inserter(out_.buffer()), "  {}, {}\n",
                 terminal_.paint(request.status < 400 ? Colour::green : Colour::red,
                                 std::to_string(request.status)),
                 say_n("{} byte", "{} bytes", request.bytes, request.bytes));
}

void TellText::joined(const Client& client, std::string_view name, const Endpoint& at) {
  if (!wants_line()) return;
  start_line(client);
  const auto place = to_string(at);
  out_.buffer() += say("connected to {}\n",
                       name == place ? place : fmt::format("{} ({})", harmless(name), place));
}

void TellText::talk_failed(const Client& client, std::string_view why) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n", terminal_.paint(Colour::red, why));
}

void TellText::descriptors_ran_out(u64 open_connections) {
  fmt::format_to(
      std::back_inserter(out_.buffer()), "{}\n",
      terminal_.paint(Colour::red,
                      say("no descriptor is free, with {} open: new clients wait until one "
                          "closes (ulimit -n raises the limit)",
                          connections(open_connections))));
}

void TellText::draining(u64 open_connections, std::chrono::nanoseconds most) {
  out_.buffer() += say("ending: {} answered to the end, for {} at most\n",
                       connections(open_connections), lasted(most));
}

void TellText::ended(const Summary& summary) {
  std::string line = connections(summary.connections);
  if (summary.still_open > 0) line += say(" ({} still open)", summary.still_open);
  line += ", ";
  line += say_n("{} UDP client", "{} UDP clients", summary.udp_clients, summary.udp_clients);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}, {}, {}", line,
                 traffic_text(summary.traffic), lasted(summary.time));
  if (summary.unanswered > 0)
    out_.buffer().append(say_n("; {} datagram could not be answered",
                               "; {} datagrams could not be answered", summary.unanswered,
                               summary.unanswered));
  if (summary.refused > 0) out_.buffer() += say("; {} refused", summary.refused);
  out_.buffer().append("\n");
}

}  // namespace trama::serve
