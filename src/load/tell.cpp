#include "load/tell.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"

namespace trama::load {
namespace {

using std::chrono::nanoseconds;

constexpr double busy = 0.9;  // of a core: then the generator may be what limits

struct Quantile {
  std::string_view name;
  double share;
};
constexpr std::array quantiles{
    Quantile{"p50",   0.5  },
    Quantile{"p90",   0.9  },
    Quantile{"p99",   0.99 },
    Quantile{"p99.9", 0.999}
};

// Digits in groups, as the language writes them: 1,234,567 or 1.234.567.
std::string grouped(u64 number) {
  std::string text = std::to_string(number);
  const char mark = spoken() == Language::portuguese ? '.' : ',';
  for (auto at = std::ssize(text) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, mark);
  return text;
}

u64 a_second(u64 count, i64 time) {
  return time <= 0 ? 0
                   : static_cast<u64>(static_cast<double>(count) * 1e9 / static_cast<double>(time));
}

// "31 us", "1.20 ms".
std::string short_time(i64 time) {
  if (time < 1'000'000)
    return fmt::format("{:.{}f} us", static_cast<double>(time) / 1e3, time < 10'000 ? 2 : 0);
  return lasted(nanoseconds{time});
}

std::string bytes_text(u64 bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  if (bytes < 10'000'000'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

void tell_times(Out& out, const std::string& name, const Histogram& times) {
  out.print("{}", name);
  for (const auto& [word, share] : quantiles)
    out.print("  {} {}", word, short_time(times.quantile(share)));
  out.print("  max {}\n", short_time(times.most()));
}

struct Trouble {
  u64 count;
  std::string text;
};

// What went wrong, the worst first; nothing where nothing did.
std::vector<Trouble> troubles(const Plan& plan, const Report& r) {
  const bool udp = plan.transport == Transport::udp;
  std::vector<Trouble> all{
      {r.wrong,                                                                say_n("{} wrong answer",                                                    "{} wrong answers",                     r.wrong,     grouped(r.wrong)) },
      {r.refused,                                                              udp ? std::string{say("refused: no program has that UDP port open")}
                      : say_n("{} connection refused",                                                                                    "{} connections refused",               r.refused,
       grouped(r.refused))                                                                                                                                                                                                        },
      {r.reset,                                                                say_n("{} connection reset by the server",                                  "{} connections reset by the server",
       r.reset,                                                                                                                                                                                                 grouped(r.reset)) },
      {r.closed,                                                               say_n("{} connection closed by the server",                                 "{} connections closed by the server",
       r.closed,                                                                                                                                                                                                grouped(r.closed))},
      {r.timed_out,                                                            say_n("{} connection timed out",                                            "{} connections timed out",             r.timed_out,
       grouped(r.timed_out))                                                                                                                                                                                                      },
      {r.failed,                                                               say_n("{} connection failed: {}",                                           "{} connections failed, the first: {}", r.failed,
       grouped(r.failed),                                                                                                                                                                                                           errno_text(r.error))},
      {r.unanswered,                                                                      udp ? say_n("{} datagram lost, or its answer ({:.2f} %)",
       "{} datagrams lost, or their answers ({:.2f} %)",                                              r.unanswered,
       grouped(r.unanswered),
       100.0 * static_cast<double>(r.unanswered) /
                                     static_cast<double>(std::max<u64>(r.sent, 1)))
                         : say_n("{} message without its answer at the end",
       "{} messages without their answers at the end", r.unanswered,
       grouped(r.unanswered))},
      {r.late, say_n("{} answer too late, or once more", "{} answers too late, or once more",
       r.late,                                                                                                                                            grouped(r.late))                                                                                                                                                                                                     },
      {r.unsent,                                                                 say_n("{} message was due and not sent: too many were under way",
       "{} messages were due and not sent: too many were under way",                                                                                                      r.unsent,
       grouped(r.unsent))                                                        }
  };
  std::erase_if(all, [](const Trouble& trouble) { return trouble.count == 0; });
  return all;
}

struct Count {
  std::string_view key;
  u64 Report::*count;
};
constexpr std::array errors{
    Count{"wrong",      &Report::wrong     },
    Count{"refused",    &Report::refused   },
    Count{"reset",      &Report::reset     },
    Count{"closed",     &Report::closed    },
    Count{"timed_out",  &Report::timed_out },
    Count{"other",      &Report::failed    },
    Count{"unanswered", &Report::unanswered},
    Count{"late",       &Report::late      },
    Count{"unsent",     &Report::unsent    }
};

void append_times(JsonLine& line, std::string_view key, const Histogram& times) {
  line.open(key, '{');
  for (const auto& [word, share] : quantiles) line.seconds(word, times.quantile(share));
  line.seconds("max", times.most()).close('}');
}

}  // namespace

std::string_view name_of(Expect expect) {
  switch (expect) {
    case Expect::upper:
      return "upper";
    case Expect::echo:
      return "echo";
    case Expect::any:
      return "any";
    case Expect::room:
      return "room";
    case Expect::none:
      break;
  }
  return "none";
}

void announce(Out& out, const Plan& plan) {
  const auto peer = to_string(plan.peer);
  const auto time = lasted(plan.duration);
  if (plan.accepts)
    out.write(say("a connection for each message to {}, {} at a time, for {}", peer,
                  plan.connections, time));
  else if (plan.rate != 0)
    out.write(say_n("{} messages of {} bytes a second to {} over {} connection, for {}",
                    "{} messages of {} bytes a second to {} over {} connections, for {}",
                    plan.connections, grouped(plan.rate), plan.size, peer, plan.connections, time));
  else
    out.write(say_n("messages of {} bytes to {} over {} connection, {} under way, for {}",
                    "messages of {} bytes to {} over {} connections, {} under way on each, for {}",
                    plan.connections, plan.size, peer, plan.connections, plan.window, time));
  out.write("\n");
  out.flush();
}

void tell(Out& out, const Terminal& terminal, const Plan& plan, const Report& r) {
  const bool answers = plan.expect != Expect::none;
  if (plan.accepts || plan.transport == Transport::tcp)
    out.print("{}\n",
              say_n("{} connection opened in {}, {} a second",
                    "{} connections opened in {}, {} a second", r.opened, grouped(r.opened),
                    lasted(nanoseconds{r.opening}), grouped(a_second(r.opened, r.opening))));
  if (!plan.accepts)
    out.print("{}\n",
              answers ? say("{} messages sent, {} answered in {}: {} a second; {} out, {} in",
                            grouped(r.sent), grouped(r.answered), lasted(nanoseconds{r.time}),
                            grouped(a_second(r.answered, r.time)), bytes_text(r.bytes_out),
                            bytes_text(r.bytes_in))
                      : say("{} messages sent in {}: {} a second; {} out, {} in", grouped(r.sent),
                            lasted(nanoseconds{r.time}), grouped(a_second(r.sent, r.time)),
                            bytes_text(r.bytes_out), bytes_text(r.bytes_in)));
  if (r.latency.count() > 0) {
    if (plan.rate != 0) {
      const auto due = say("from when it was due:");
      const auto sent = say("from when it left:");
      const unsigned column = std::max(width(due), width(sent));
      tell_times(out, padded(due, column), r.latency);
      tell_times(out, padded(sent, column), r.service);
    } else {
      tell_times(out, plan.accepts ? say("from connect to answer:") : say("answered after:"),
                 r.latency);
    }
  }
  const auto wrong = troubles(plan, r);
  for (const auto& trouble : wrong)
    out.print("{} {}\n", terminal.paint(Colour::red, terminal.spell("✗")), trouble.text);
  if (wrong.empty() && answers && r.answered > 0)
    out.print("{}\n", plan.expect == Expect::any ? say("every message was answered")
                                                 : say("every answer was right"));
  if (r.time > 0 && r.processor > busy * static_cast<double>(r.time) / 1e9)
    out.print("{}\n", say("this program used a whole core: the server may be faster than that"));
}

void tell_json(Out& out, const Plan& plan, const Report& r) {
  JsonLine line{"load"};
  line.seconds("time", wall_clock())
      .text("transport", plan.transport == Transport::udp ? "udp" : "tcp")
      .text("peer", to_string(plan.peer))
      .text("expect", name_of(plan.expect))
      .boolean("accepts", plan.accepts)
      .number("connections", plan.connections)
      .number("size", plan.size)
      .number("pipeline", plan.window)
      .number("rate", plan.rate)
      .seconds("duration", plan.duration.count())
      .number("opened", r.opened)
      .seconds("opening", r.opening)
      .seconds("lasted", r.time)
      .number("sent", r.sent)
      .number("answered", r.answered)
      .number("bytes_out", r.bytes_out)
      .number("bytes_in", r.bytes_in)
      .number("messages_a_second",
              a_second(plan.expect == Expect::none ? r.sent : r.answered, r.time))
      .number("connections_a_second", a_second(r.opened, r.opening));
  append_times(line, "latency", r.latency);
  append_times(line, "service_time", r.service);
  line.open("errors", '{');
  for (const auto& [key, count] : errors) line.number(key, r.*count);
  line.close('}')
      .seconds("processor", static_cast<i64>(r.processor * 1e9))
      .boolean("interrupted", r.interrupted);
  out.write(line.line());
}

}  // namespace trama::load
