#include "serve/tell.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/say.h"

namespace trama::serve {
namespace {

constexpr std::size_t most_shown = 4096;  // bytes of one message; JSON has all

std::string_view chars(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string connections(u64 n) { return say_n("{} connection", "{} connections", n, n); }
std::string messages(u64 n) { return say_n("{} message", "{} messages", n, n); }

std::string traffic_text(const Traffic& traffic) {
  return say_n("{}, {} byte in, {} out", "{}, {} bytes in, {} out", traffic.bytes_in,
               messages(traffic.messages), traffic.bytes_in, traffic.bytes_out);
}

std::string ending_text(Ending ending, int error) {
  switch (ending) {
    case Ending::fin:
      return say("closed by the client (FIN)");
    case Ending::reset:
      return say("reset by the client (RST)");
    case Ending::answer_refused:
      return say("closed by the client (FIN), which refused the answer (RST)");
    case Ending::error:
      break;
  }
  return say("lost: {}", errno_text(error));
}

Colour colour_of(Ending ending) { return ending == Ending::fin ? Colour::plain : Colour::red; }

// Each client keeps a colour, so that an eye can follow one.
Colour colour_of(const Client& client) {
  constexpr Colour row[] = {Colour::cyan, Colour::yellow, Colour::magenta, Colour::blue};
  return row[client.number % std::size(row)];
}

constexpr std::string_view json_word(Ending ending) {
  switch (ending) {
    case Ending::fin:
      return "fin";
    case Ending::reset:
      return "reset";
    case Ending::answer_refused:
      return "answer_refused";
    case Ending::error:
      break;
  }
  return "error";
}

JsonLine json_of(std::string_view type) {
  JsonLine line{type};
  line.seconds("time", wall_clock());
  return line;
}

JsonLine json_of(std::string_view type, const Client& client) {
  JsonLine line = json_of(type);
  line.number("client", client.number)
      .text("transport", net::name_of(client.transport))
      .text("peer", to_string(client.peer))
      .text("local", to_string(client.local));
  return line;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const unsigned length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_traffic(JsonLine& line, const Traffic& traffic, std::chrono::nanoseconds time) {
  line.number("messages", traffic.messages)
      .number("bytes_in", traffic.bytes_in)
      .number("bytes_out", traffic.bytes_out)
      .seconds("seconds", time.count());
}

}  // namespace

void append_text(std::string& line, Bytes text) {
  const auto shown = chars(text.first(std::min(text.size(), most_shown)));
  append_harmless(line, shown);
  if (const auto more = text.size() - shown.size(); more > 0)
    line += say_n(" ... and {} byte more", " ... and {} bytes more", more, more);
}

void TellText::listening(Transport transport, const Endpoint& at) {
  out_.buffer().append(say("listening on {} {}",
                           terminal_.paint(Colour::bold, net::name_of(transport)),
                           terminal_.paint(Colour::bold, to_string(at))));
  if (at.address.is_loopback())
    fmt::format_to(
        std::back_inserter(out_.buffer()), "  {}",
        terminal_.paint(Colour::dim,
                        say("(this machine only; trama serve {} {}:{} opens it to others)",
                            net::name_of(transport), at.address.v6 ? "[::]" : "0.0.0.0", at.port)));
  out_.buffer().append("\n");
}

bool TellText::wants_line() {
  if (quiet_) return false;
  if (!out_.has_room()) {
    ++left_out_;
    return false;
  }
  return true;
}

bool TellText::round_over() {
  const bool open = out_.flush();
  if (left_out_ == 0 || !out_.has_room()) return open;
  const u64 count = std::exchange(left_out_, 0);
  out_.buffer() += say_n("{} line left out: the output is too slow\n",
                         "{} lines left out: the output is too slow\n", count, count);
  return out_.flush();
}

void TellText::start_line(const Client& client) {
  fmt::format_to(std::back_inserter(out_.buffer()), "{}  {} {} {}  ",
                 terminal_.paint(Colour::dim, time_of_day(wall_clock())),
                 terminal_.paint(colour_of(client), fmt::format("#{}", client.number)),
                 net::name_of(client.transport), to_string(client.peer));
}

void TellText::connected(const Client& client) {
  if (!wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}\n",
                 terminal_.paint(Colour::green, say("connected")));
}

void TellText::message(const Client& client, Bytes text) {
  if (!wants_line()) return;
  start_line(client);
  out_.buffer().append(say_n("{} byte: ", "{} bytes: ", text.size(), text.size()));
  append_text(out_.buffer(), text);
  out_.buffer().append("\n");
}

void TellText::disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                            std::chrono::nanoseconds time) {
  if (ending != Ending::error && !wants_line()) return;
  start_line(client);
  fmt::format_to(std::back_inserter(out_.buffer()), "{}; {}, {}\n",
                 terminal_.paint(colour_of(ending), ending_text(ending, error)),
                 traffic_text(traffic), lasted(time));
}

void TellText::descriptors_ran_out(u64 open_connections) {
  fmt::format_to(
      std::back_inserter(out_.buffer()), "{}\n",
      terminal_.paint(Colour::red,
                      say("no descriptor is free, with {} open: new clients wait until one "
                          "closes (ulimit -n raises the limit)",
                          connections(open_connections))));
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
  out_.buffer().append("\n");
}

bool TellJson::wants_line() {
  if (quiet_) return false;
  if (!out_.has_room()) {
    ++left_out_;
    return false;
  }
  return true;
}

bool TellJson::round_over() {
  const bool open = out_.flush();
  if (left_out_ == 0 || !out_.has_room()) return open;
  out_.buffer() += json_of("serve.left_out").number("lines", std::exchange(left_out_, 0)).line();
  return out_.flush();
}

void TellJson::listening(Transport transport, const Endpoint& at) {
  out_.buffer().append(json_of("serve.listen")
                           .text("transport", net::name_of(transport))
                           .text("local", to_string(at))
                           .text("address", to_string(at.address))
                           .number("port", at.port)
                           .line());
}

void TellJson::connected(const Client& client) {
  if (wants_line()) out_.buffer().append(json_of("serve.connect", client).line());
}

void TellJson::message(const Client& client, Bytes text) {
  if (!wants_line()) return;
  auto line = json_of("serve.message", client);
  line.number("bytes", text.size()).text("text", chars(text));
  if (!is_utf8(chars(text))) line.text("hex", fmt::format("{:02x}", fmt::join(text, "")));
  out_.buffer().append(line.line());
}

void TellJson::disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                            std::chrono::nanoseconds time) {
  if (ending != Ending::error && !wants_line()) return;
  auto line = json_of("serve.disconnect", client);
  line.text("how", json_word(ending));
  if (ending == Ending::error) line.text("error", errno_text(error));
  append_traffic(line, traffic, time);
  out_.buffer().append(line.line());
}

void TellJson::descriptors_ran_out(u64 open_connections) {
  out_.buffer().append(json_of("serve.full").number("connections", open_connections).line());
}

void TellJson::ended(const Summary& summary) {
  auto line = json_of("serve.summary");
  line.number("connections", summary.connections)
      .number("still_open", summary.still_open)
      .number("udp_clients", summary.udp_clients)
      .number("unanswered", summary.unanswered);
  append_traffic(line, summary.traffic, summary.time);
  out_.buffer().append(line.line());
}

}  // namespace trama::serve
