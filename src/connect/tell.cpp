#include "connect/tell.h"

#include <cerrno>

#include "base/clock.h"
#include "base/say.h"
#include "base/terminal.h"

namespace trama::connect {
namespace {

constexpr std::string_view json_word(Ending ending) {
  switch (ending) {
    case Ending::fin:
      return "fin";
    case Ending::reset:
      return "reset";
    case Ending::rest_refused:
      return "rest_refused";
    case Ending::error:
      return "error";
    case Ending::idle:
      return "idle";
    case Ending::quit:
      return "quit";
    case Ending::silence:
      return "silence";
    case Ending::refused:
      return "refused";
    case Ending::reader_left:
      return "reader_left";
    case Ending::input_lost:
      return "input_lost";
    case Ending::output_lost:
      return "output_lost";
    case Ending::interrupted:
      return "interrupted";
  }
  return "";
}

JsonLine json_of(std::string_view type, Transport transport) {
  JsonLine line{type};
  line.seconds("time", wall_clock()).text("transport", net::name_of(transport));
  return line;
}

}  // namespace

namespace {

// The endings that a Unix socket has in words of its own; "" for the others.
std::string unix_ending(const Report& report) {
  switch (report.ending) {
    case Ending::fin:
      return say("closed by the peer");
    case Ending::reset:
    case Ending::rest_refused:
      return say("closed by the peer, which had not read everything");
    case Ending::refused:
      return say("refused: the peer has gone");
    default:
      return {};
  }
}

}  // namespace

std::string ending_text(const Report& report) {
  if (report.unix_socket)
    if (auto text = unix_ending(report); !text.empty()) return text;
  switch (report.ending) {
    case Ending::fin:
      return say("closed by the peer (FIN)");
    case Ending::reset:
      return say("reset by the peer (RST)");
    case Ending::rest_refused:
      return say("closed by the peer (FIN), which refused what came later (RST)");
    case Ending::error:
      if (!report.words.empty()) return report.words;
      return report.by.empty()
                 ? say("lost: {}", errno_text(report.error))
                 : say("lost: {} (ICMP from {})", errno_text(report.error), report.by);
    case Ending::idle:
      return say("ended here: nothing moved for too long (-i, -w)");
    case Ending::quit:
      return say("ended here, after the end of input");
    case Ending::silence:
      return report.datagrams_received > 0 ? say("ended here: no more answers came")
                                           : say("ended here: no answer came");
    case Ending::refused:
      return say("refused (ICMP port unreachable)");
    case Ending::reader_left:
      return say("ended here: standard output was closed");
    case Ending::input_lost:
      return say("ended here: standard input cannot be read");
    case Ending::output_lost:
      return say("ended here: output was lost");
    case Ending::interrupted:
      return say("ended here: interrupted");
  }
  return {};
}

void TellText::line(std::string_view text) {
  if (!verbose_) return;
  out_.print("{}\n", text);
  out_.flush();
}

void TellText::start(const Request& /*request*/, std::span<const Endpoint> /*addresses*/) {}

void TellText::failed(Transport /*transport*/, const Endpoint& /*peer*/, const Error& error,
                      Next next) {
  if (next == Next::address) line(say("{}; trying the next address", error.sentence));
  if (next == Next::port) line(error.sentence);
}

void TellText::ready(Transport transport, const Endpoint& peer, const Endpoint& local,
                     std::chrono::nanoseconds time) {
  if (transport == Transport::tcp)
    line(say("connected to {} from {} in {}", to_string(peer), to_string(local), lasted(time)));
  else
    line(say("ready (nothing proves that anyone listens): to {} from {}", to_string(peer),
             to_string(local)));
}

void TellText::joined(const std::string& path, bool datagrams) {
  if (datagrams)
    line(say("ready to send to {} (Unix socket, datagrams)", harmless(path)));
  else
    line(say("connected to {} (Unix socket)", harmless(path)));
}

void TellText::through(const std::string& proxy, const std::string& destination,
                       std::chrono::nanoseconds time) {
  line(say("the proxy {} says that it is connected to {}, after {}", proxy, destination,
           lasted(time)));
}

void TellText::secured(const TlsFacts& facts) {
  const auto protocol =
      facts.alpn.empty() ? std::string{} : fmt::format(", ALPN {}", harmless(facts.alpn));
  line(fmt::format("{}, {}{}", facts.version, facts.cipher, protocol));
  if (facts.proven) return;
  out_.print("{}\n",
             say("WARNING: the peer is not proven (--insecure): anybody could have answered, "
                 "and could read and change everything"));
  out_.flush();
}

void TellText::measured(const TcpFacts& facts) {
  out_.print(
      "{}\n",
      say("TCP: round trip {} (varies by {}, least {}); {} bytes acknowledged, {} received (SYN "
          "and FIN count as one); {} segments sent again; congestion window {} segments of {} "
          "bytes",
          lasted(facts.round_trip), lasted(facts.variation), lasted(facts.least_trip),
          facts.acknowledged, facts.received, facts.retransmitted, facts.congestion_window,
          facts.segment_size));
  out_.flush();
}

// Told without -v too: what else would the wait mean?
void TellText::again(const Error* error, std::chrono::nanoseconds pause) {
  out_.print("{}; {}\n", error != nullptr ? error->sentence : say("the conversation is over"),
             say("again in {} (Ctrl-C ends)", lasted(pause)));
  out_.flush();
}

void TellText::answered(Transport transport, u64 bytes) {
  if (transport == Transport::udp)
    line(say_n("answered ({} byte)", "answered ({} bytes)", bytes, bytes));
}

void TellText::ended(Transport /*transport*/, const Report& report) {
  line(fmt::format("{}; {}", ending_text(report),
                   say_n("{} byte sent, {} received, {}", "{} bytes sent, {} received, {}",
                         report.sent, report.sent, report.received, lasted(report.time))));
}

void TellJson::line(JsonLine& line) {
  out_.write(line.line());
  out_.flush();
}

void TellJson::start(const Request& request, std::span<const Endpoint> addresses) {
  auto row = json_of("connect.start", request.transport);
  row.text("host", request.host).open("addresses", '[');
  for (const Endpoint& address : addresses) row.element(to_string(address));
  line(row.close(']'));
}

void TellJson::failed(Transport transport, const Endpoint& peer, const Error& error,
                      Next /*next*/) {
  auto row =
      json_of(error.number == ECONNREFUSED ? "connect.refused" : "connect.failed", transport);
  row.text("peer", to_string(peer));
  if (error.number == ECONNREFUSED) row.text("evidence", "RST");
  if (error.number != 0) row.text("error", errno_text(error.number));
  line(row);
}

void TellJson::ready(Transport transport, const Endpoint& peer, const Endpoint& local,
                     std::chrono::nanoseconds time) {
  auto row = json_of("connect.ready", transport);
  row.text("peer", to_string(peer))
      .text("local", to_string(local))
      .boolean("proven", transport == Transport::tcp)
      .seconds("seconds", time.count());
  line(row);
}

void TellJson::joined(const std::string& path, bool datagrams) {
  JsonLine row{"connect.ready"};
  row.seconds("time", wall_clock())
      .text("transport", datagrams ? "unix_datagram" : "unix")
      .text("path", path)
      .boolean("proven", true);
  line(row);
}

void TellJson::through(const std::string& proxy, const std::string& destination,
                       std::chrono::nanoseconds time) {
  auto row = json_of("connect.through", Transport::tcp);
  line(row.text("proxy", proxy).text("peer", destination).seconds("seconds", time.count()));
}

void TellJson::secured(const TlsFacts& facts) {
  auto row = json_of("connect.tls", Transport::tcp);
  row.text("version", facts.version).text("cipher", facts.cipher);
  if (!facts.alpn.empty()) row.text("alpn", facts.alpn);
  line(row.boolean("proven", facts.proven));
}

void TellJson::measured(const TcpFacts& facts) {
  auto row = json_of("connect.tcp_info", Transport::tcp);
  row.seconds("rtt", std::chrono::nanoseconds{facts.round_trip}.count())
      .seconds("rttvar", std::chrono::nanoseconds{facts.variation}.count())
      .seconds("min_rtt", std::chrono::nanoseconds{facts.least_trip}.count())
      .number("bytes_acked", facts.acknowledged)
      .number("bytes_received", facts.received)
      .number("retransmissions", facts.retransmitted)
      .number("cwnd", facts.congestion_window)
      .number("mss", facts.segment_size);
  line(row);
}

void TellJson::again(const Error* error, std::chrono::nanoseconds pause) {
  JsonLine row{"connect.again"};
  row.seconds("time", wall_clock());
  if (error != nullptr) row.text("sentence", error->sentence);
  line(row.seconds("pause", pause.count()));
}

void TellJson::answered(Transport transport, u64 bytes) {
  line(json_of("connect.answered", transport).number("bytes", bytes));
}

void TellJson::ended(Transport transport, const Report& report) {
  if (report.ending == Ending::refused) {
    auto row = json_of("connect.refused", transport);
    row.text("evidence", "ICMP port unreachable");
    if (!report.by.empty()) row.text("by", report.by);
    line(row);
  }
  auto row = json_of("connect.end", transport);
  row.text("how", json_word(report.ending));
  if (report.error != 0) row.text("error", errno_text(report.error));
  if (report.ending == Ending::error && !report.by.empty()) row.text("by", report.by);
  row.number("bytes_out", report.sent).number("bytes_in", report.received);
  if (report.unsent > 0) row.number("bytes_unsent", report.unsent);
  if (transport == Transport::udp)
    row.number("datagrams_out", report.datagrams_sent)
        .number("datagrams_in", report.datagrams_received);
  line(row.seconds("seconds", report.time.count()));
}

}  // namespace trama::connect
