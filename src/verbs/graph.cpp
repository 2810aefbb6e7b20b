// trama graph: one conversation drawn in the terminal, against time.
#include "packet/stats/graph.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/json.h"
#include "packet/output/plot.h"
#include "packet/source/source.h"
#include "verbs/packets.h"
#include "verbs/streams.h"

namespace trama {
namespace {

using stats::GraphKind;

constexpr Option options[] = {
    {"stream", "",  "N",      "",
     N_("the conversation: tcp.stream's number, or udp:N; usual: the one "
        "with most bytes")                                                           },
    {"",       "Y", "FILTER", "", N_("only conversations with a packet that matches")},
};

constexpr Example examples[] = {
    {"trama graph lab.pcapng rtt",                        N_("how long each acknowledgement took")},
    {"trama graph lab.pcapng throughput",                 N_("bytes a second, both directions")   },
    {"trama graph lab.pcapng sequence --stream 3",        N_("what was sent when, and what again")},
    {"trama graph lab.pcapng window 'tcp.port == 65432'",
     N_("bytes in flight and the peer's window")                                                  },
};

bool belongs(const output::Shown& shown) { return shown.step != nullptr && !shown.step->icmp; }

// The conversation with most bytes on the wire, of those that the filter names; nullopt: none.
Result<std::optional<StreamName>> largest(const std::string& file, const DisplayFilter& filter,
                                          bool tcp_only) {
  struct Sum {
    u64 bytes = 0;
    bool matches = false;
  };
  auto source = source::open_file(file);
  if (!source) return fail(source);
  boost::unordered_flat_map<u64, Sum> sums;  // by number and protocol
  output::Work work;
  work.everything = true;
  work.keep = filter.keep();
  if (filter.stage() == wire::Stage::parse) work.messages = output::Messages::rows;
  work.show = [&](const output::Shown& shown) {
    if (!belongs(shown)) return;
    const flow::Conversation& talk = *shown.step->conversation;
    if (tcp_only && !talk.tcp) return;
    Sum& sum = sums[u64{talk.stream} * 2 + (talk.tcp ? 0 : 1)];
    sum.bytes += shown.packet.wire;
    sum.matches = sum.matches || shown.passes;
  };
  output::run(**source, work);
  std::optional<StreamName> best;
  u64 most = 0;
  for (const auto& [key, sum] : sums) {
    const StreamName stream{key % 2 == 0, static_cast<u32>(key / 2)};
    const bool earlier = best && sum.bytes == most && stream.number < best->number;
    if (!sum.matches || (best && sum.bytes <= most && !earlier)) continue;
    best = stream;
    most = sum.bytes;
  }
  return best;
}

// The words of each kind of graph.
struct Words {
  std::string_view title, axis, nothing;
};
constexpr Words words[] = {
    {N_("round trip times"),            N_("round trip"),
     N_("no packet of this conversation acknowledges exactly what one packet sent: there is no "
        "round trip to draw")                                                    },
    {N_("throughput"),                  N_("bytes a second"),
     N_("this conversation carries no bytes: there is no throughput to draw")    },
    {N_("sequence numbers"),            N_("sequence number"),
     N_("this conversation sends nothing: there are no sequence numbers to draw")},
    {N_("bytes in flight and windows"), N_("bytes"),
     N_("this conversation has no bytes in flight: there is nothing to draw")    },
};

// Collects one conversation's points; with --json they are written at once.
class Graph {
 public:
  Graph(GraphKind kind, StreamName stream, Io& io) : kind_(kind), stream_(stream), io_(io) {}

  void add(const output::Shown& shown) {
    if (!belongs(shown)) return;
    const flow::Step& step = *shown.step;
    if (step.conversation->tcp != stream_.tcp) return;
    streams_ = std::max<u64>(streams_, u64{step.stream} + 1);
    if (step.stream != stream_.number) return;
    if (!found_) {
      const flow::Conversation& talk = *step.conversation;
      client_ = to_string(talk.client_endpoint());
      server_ = to_string(talk.server_endpoint());
      if (io_.json) tell_head();
    }
    found_ = true;
    for (const stats::Sample& sample : samples_of(kind_, step)) take(sample, shown);
  }

  // What was collected, drawn or as JSON.
  Exit end() {
    if (!found_) return not_found();
    if (io_.json && kind_ == GraphKind::throughput) tell_rates();
    if (io_.json) return Exit::yes;
    output::Plot plot = plot_of();
    if (std::all_of(plot.series.begin(), plot.series.end(),
                    [](const output::Series& series) { return series.points.empty(); })) {
      io_.err.print("{}\n", translated(words[static_cast<unsigned>(kind_)].nothing));
      return Exit::no;
    }
    // One row stays free for what the shell says next.
    io_.out.write(draw(plot, io_.terminal, io_.terminal.columns, io_.terminal.rows - 1));
    return Exit::yes;
  }

 private:
  enum Line : unsigned { limit_client, limit_server, client, server, again_client, again_server };

  void take(const stats::Sample& sample, const output::Shown& shown) {
    const i64 time = shown.packet.since_first;
    if (kind_ == GraphKind::throughput)
      return rates_[sample.by_client ? 0 : 1].add(time, sample.value);
    if (io_.json) return tell(sample, shown);
    const unsigned line = sample.limit ? limit_client : sample.again ? again_client : client;
    points_[line + (sample.by_client ? 0 : 1)].add({time, sample.value});
  }

  [[nodiscard]] std::string_view side(bool by_client) const {
    return by_client ? "client" : "server";
  }

  void tell_head() {
    io_.out.write(JsonLine{"graph"}
                      .text("graph", name_of(kind_))
                      .text("protocol", stream_.tcp ? "tcp" : "udp")
                      .number("stream", stream_.number)
                      .text("client", client_)
                      .text("server", server_)
                      .line());
  }

  void tell(const stats::Sample& sample, const output::Shown& shown) {
    JsonLine line{"graph.point"};
    line.number("packet", shown.packet.number).seconds("time", shown.packet.since_first);
    line.text("sender", side(sample.by_client));
    if (kind_ == GraphKind::rtt) line.seconds("rtt", static_cast<i64>(sample.value));
    if (kind_ == GraphKind::sequence)
      line.number("seq", sample.value).boolean("retransmission", sample.again);
    if (kind_ == GraphKind::window)
      line.number(sample.limit ? "peer_window" : "bytes_in_flight", sample.value);
    io_.out.write(line.line());
  }

  void tell_rates() {
    for (const bool by_client : {true, false}) {
      const stats::Rates& rates = rates_[by_client ? 0 : 1];
      for (std::size_t i = 0; i < rates.bytes().size(); ++i)
        io_.out.write(JsonLine{"graph.point"}
                          .seconds("time", rates.first() + static_cast<i64>(i) * rates.interval())
                          .seconds("interval", rates.interval())
                          .text("sender", side(by_client))
                          .number("bytes", rates.bytes()[i])
                          .line());
    }
  }

  // Intervals of one length for both directions, no more than a line has room for.
  [[nodiscard]] std::vector<output::Series::Point> rate_points(unsigned direction) const {
    const i64 interval = std::max(rates_[0].interval(), rates_[1].interval());
    const i64 from = first_of(rates_);
    i64 last = 0;
    for (const stats::Rates& rates : rates_)
      if (rates.first() != no_time)
        last = std::max(
            last, rates.first() - from + static_cast<i64>(rates.bytes().size()) * rates.interval());
    i64 step = interval;
    for (unsigned i = 0; last / step > static_cast<i64>(io_.terminal.columns) - 10; ++i)
      step = step / (i % 3 == 1 ? 2 : 1) * (i % 3 == 1 ? 5 : 2);  // 1, 2, 5, 10
    const auto count = static_cast<std::size_t>(last / step + 1);
    std::vector<double> bytes(count);
    const stats::Rates& rates = rates_[direction];
    if (rates.first() == no_time) return {};
    for (std::size_t i = 0; i < rates.bytes().size(); ++i) {
      const i64 at = rates.first() - from + static_cast<i64>(i) * rates.interval();
      bytes[std::min(count - 1, static_cast<std::size_t>(at / step))] +=
          static_cast<double>(rates.bytes()[i]);
    }
    std::vector<output::Series::Point> points;
    for (std::size_t i = 0; i < count; ++i)
      points.push_back(
          {static_cast<double>(from) + (static_cast<double>(i) + 0.5) * static_cast<double>(step),
           bytes[i] * 1e9 / static_cast<double>(step)});
    return points;
  }

  static i64 first_of(const std::array<stats::Rates, 2>& rates) {
    if (rates[0].first() == no_time) return rates[1].first();
    if (rates[1].first() == no_time) return rates[0].first();
    return std::min(rates[0].first(), rates[1].first());
  }

  [[nodiscard]] output::Plot plot_of() const {
    output::Plot plot;
    plot.title =
        say("{0} conversation {1}, {2} → {3}: {4}", stream_.tcp ? "TCP" : "UDP", stream_.number,
            client_, server_, translated(words[static_cast<unsigned>(kind_)].title));
    plot.y_name = translated(words[static_cast<unsigned>(kind_)].axis);
    plot.x_name = say("time since the capture's first packet");
    const std::vector<output::Unit> times{
        {1e3, "µs"},
        {1e6, "ms" },
        {1e9, "s"  }
    };
    plot.x_units = times;
    const std::string_view suffix = kind_ == GraphKind::throughput ? "/s" : "";
    static constexpr std::string_view names[] = {"B", "kB", "MB", "GB"};
    static constexpr std::string_view rates[] = {"B/s", "kB/s", "MB/s", "GB/s"};
    double size = 1;
    for (unsigned i = 0; i < 4; ++i, size *= 1000)
      plot.y_units.push_back({size, suffix.empty() ? names[i] : rates[i]});
    if (kind_ == GraphKind::rtt) plot.y_units = times;
    const auto add = [&](std::string name, Colour colour, std::string_view mark,
                         std::string_view plain, unsigned line) {
      plot.series.push_back({std::move(name), colour, mark, plain, false, {}});
      if (kind_ == GraphKind::throughput) {
        if (line != client && line != server) return;
        plot.series.back().joined = true;
        plot.series.back().points = rate_points(line == client ? 0 : 1);
        return;
      }
      // A window limits nobody who sends nothing.
      if (line < client && points_[line + client].all().empty()) return;
      for (const auto& [time, value] : points_[line].all())
        plot.series.back().points.push_back(
            {static_cast<double>(time), static_cast<double>(value)});
    };
    add(say("client's limit"), Colour::yellow, "-", "-", limit_client);
    add(say("server's limit"), Colour::green, "=", "=", limit_server);
    add(say("client"), Colour::cyan, "•", "*", client);
    add(say("server"), Colour::magenta, "◦", "o", server);
    add(say("client, again"), Colour::red, "×", "x", again_client);
    add(say("server, again"), Colour::red, "+", "+", again_server);
    return plot;
  }

  Exit not_found() {
    if (!io_.json) io_.err.print("{}\n", no_such_stream(stream_, streams_));
    return Exit::no;
  }

  GraphKind kind_;
  StreamName stream_;
  Io& io_;
  bool found_ = false;
  u64 streams_ = 0;
  std::string client_, server_;
  std::array<stats::Points, 6> points_;  // by Line
  std::array<stats::Rates, 2> rates_;    // of client and server
};

Result<Exit> run(const Parsed& given, Io& io) {
  const auto& typed = given.operands;
  const auto kind = typed.size() < 2 ? std::nullopt : stats::graph_named(typed[1]);
  if (!kind)
    return fail(Exit::bad_input, say("name a capture file and a graph, such as trama graph FILE "
                                     "rtt; the graphs are rtt, throughput, sequence and window"));
  const std::string file{typed[0]};
  std::string filter{given.last("Y").value_or("")};
  for (std::size_t i = 2; i < typed.size(); ++i)
    filter += fmt::format("{}{}", filter.empty() ? "" : " ", typed[i]);
  const auto chosen = filter_for(filter);
  if (!chosen) return fail(chosen);
  StreamName stream;
  const bool tcp_only = *kind != GraphKind::throughput;
  if (given.has("stream")) {
    const auto named = stream_named(*given.last("stream"));
    if (!named)
      return fail(Exit::bad_input, say("--stream takes a conversation's number, such as 7 or "
                                       "udp:3, not \"{}\"",
                                       harmless(*given.last("stream"))));
    stream = *named;
    if (tcp_only && !stream.tcp)
      return fail(Exit::bad_input, say("only throughput is drawn of UDP"));
  } else {
    if (file == "-")
      return fail(Exit::bad_input, say("standard input is read once: name the conversation with "
                                       "--stream N"));
    const auto found = largest(file, *chosen, tcp_only);
    if (!found) return fail(found);
    if (!*found) {
      if (!io.json) io.err.print("{}\n", say("no TCP or UDP conversation here matches."));
      return Exit::no;
    }
    stream = **found;
  }
  auto source = source::open_file(file);
  if (!source) return fail(source);
  Graph graph{*kind, stream, io};
  output::Work work;
  work.show = [&](const output::Shown& shown) { graph.add(shown); };
  output::run(**source, work);
  const Exit ended = graph.end();
  if ((*source)->trouble()) return tl::make_unexpected(*(*source)->trouble());
  return ended;
}

}  // namespace

extern const Verb graph_verb;
const Verb graph_verb{
    "graph",
    N_("draws one conversation against time, in the terminal"),
    "FILE rtt|throughput|sequence|window [FILTER]",
    examples,
    options,
    N_("rtt: from a packet to its acknowledgement. throughput: payload bytes a second. sequence: "
       "relative sequence numbers, what was sent again marked. window: bytes that are not "
       "acknowledged yet, and how many the peer allows. Each direction has its colour."),
    run};

}  // namespace trama
