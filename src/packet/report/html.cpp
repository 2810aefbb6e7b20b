#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "base/markup.h"
#include "base/say.h"
#include "base/terminal.h"
#include "packet/output/osi.h"
#include "packet/output/verdict_lines.h"
#include "packet/report/answers.h"
#include "packet/report/graph.h"
#include "packet/report/page.h"
#include "packet/report/style.h"

namespace trama::report {
namespace {

class Html {
 public:
  Html(const Facts& facts, const About& about) : facts_(facts), about_(about) {
    const auto all = facts.conversations();
    for (std::size_t i = 0; i < std::min(all.size(), most_ladders); ++i) {
      for (const auto& rung : all[i]->story->first) shown_.insert(rung.number);
      for (const auto& rung : all[i]->story->last) shown_.insert(rung.number);
    }
  }

  std::string whole() {
    add("<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<title>{}</title><style>{}</style></head><body>\n",
        spoken() == Language::portuguese ? "pt-BR" : "en", escaped(title()), style);
    overview();
    questions();
    conversations();
    ladders();
    anatomies();
    graphs();
    add("<p class=\"soft\">{}</p></body></html>\n",
        escaped(say("Made by trama, {}. ● read from the kernel, ○ deduced from packets.",
                    about_.made_at)));
    return std::move(text_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  [[nodiscard]] std::string title() const { return say("Report of {}", about_.source); }

  // Text made safe, with every "#12" that stands here as a link to its packet.
  [[nodiscard]] std::string linked(std::string_view plain) const {
    const auto safe = escaped(harmless(plain));
    std::string out;
    for (std::size_t at = 0; at < safe.size();) {
      std::size_t end = at + 1;
      while (safe[at] == '#' && end < safe.size() && safe[end] >= '0' && safe[end] <= '9') ++end;
      u64 number = 0;
      for (std::size_t i = at + 1; i < end && end - at < 19; ++i)
        number = number * 10 + static_cast<u64>(safe[i] - '0');
      const auto piece = std::string_view{safe}.substr(at, end - at);
      if (end > at + 1 && shown_.count(number) != 0)
        out += fmt::format("<a href=\"#p{}\">{}</a>", number, piece);
      else
        out += piece;
      at = end;
    }
    return out;
  }

  void overview() {
    add("<h1>{}</h1>\n", escaped(title()));
    add("<p class=\"soft\">{}</p>\n", escaped(overview_of(facts_)));
    add("<p>{}", escaped(say("Protocols:")));
    for (const auto& [word, count] : facts_.protocols)
      add(" <code>{}</code>&nbsp;<span class=\"soft\">{}</span>", escaped(word), count);
    text_ += "</p>\n";
  }

  void table(const std::vector<std::vector<std::string>>& rows) {
    if (rows.empty()) return;
    text_ += "<div class=\"scroll\"><table>";
    for (std::size_t i = 0; i < rows.size(); ++i) {
      text_ += "<tr>";
      for (const auto& cell : rows[i])
        i == 0 ? add("<th>{}</th>", linked(cell)) : add("<td>{}</td>", linked(cell));
      text_ += "</tr>\n";
    }
    text_ += "</table></div>\n";
  }

  void questions() {
    add("<h2>{}</h2>\n", escaped(say("Questions, answered by these packets")));
    for (const Answer& answer : answers_of(facts_)) {
      add("<h3>{}</h3>\n", linked(answer.question));
      for (const auto& paragraph : answer.paragraphs) add("<p>{}</p>\n", linked(paragraph));
      table(answer.table);
    }
  }

  void conversations() {
    add("<h2 id=\"conversations\">{}</h2>\n", escaped(say("Conversations")));
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"", say("client"), say("server"), say("packets"), say("bytes"), say("from"),
                    say("how it went")});
    const auto all = facts_.conversations();
    for (const Conversation* c : all) {
      if (rows.size() > most_listed) break;
      const auto& story = *c->story;
      rows.push_back({story.tcp ? "TCP" : "UDP", facts_.name(story.client),
                      facts_.name(story.server),
                      fmt::format("{}", story.packets[0] + story.packets[1]),
                      fmt::format("{}", story.bytes[0] + story.bytes[1]),
                      fmt::format("#{}", story.first_number), story::summary(story)});
    }
    table(rows);
    const u64 more = all.size() + facts_.left_out() + 1 - rows.size();
    if (more > 0)
      add("<p class=\"soft\">{}</p>\n",
          escaped(say("And {} more: choose some with a filter.", more)));
  }

  static std::string state(const story::State& state) {
    const auto* origin = state.origin == story::Origin::kernel    ? " ●"
                         : state.origin == story::Origin::deduced ? " ○"
                                                                  : "";
    return escaped(state.name) + origin;
  }

  static std::string_view colour(const story::Rung& rung) {
    using namespace flow;  // NOLINT: the notes' names
    if (rung.lost || rung.label.find("RST") != std::string::npos || rung.label.starts_with("ICMP"))
      return "bad";
    if ((rung.notes & (retransmission | out_of_order | gap_before | duplicate_ack | zero_window)) !=
        0)
      return "warn";
    return rung.label.starts_with("SYN") || rung.label.starts_with("FIN") ? "good" : "";
  }

  void rung(const story::Rung& rung) {
    const auto number = fmt::format("{}", rung.number);
    const auto link = facts_.anatomy(rung.number) != nullptr
                          ? fmt::format("<a href=\"#b{0}\">{0}</a>", number)
                          : number;
    add("<div class=\"rung\" id=\"p{}\"><span class=\"n\">{}</span><span class=\"t\">{:.3f}</span>"
        "<span>{}</span>",
        number, link, static_cast<double>(rung.since_previous) / 1e6, state(rung.client));
    const auto* arrow =
        rung.by_client ? "M0 3L298 11M290 7L298 11L289 13.5" : "M300 3L2 11M10 7L2 11L11 13.5";
    add("<span class=\"way {}\"><span>{}</span><svg viewBox=\"0 0 300 14\" "
        "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\"><path d=\"{}\"/></svg></span>",
        colour(rung), escaped(harmless(rung.label)),
        rung.by_client ? escaped(say("to the server")) : escaped(say("to the client")), arrow);
    add("<span>{}</span><span class=\"says\">{}</span></div>\n", state(rung.server),
        linked(rung.sentence));
  }

  void ladders() {
    add("<h2>{}</h2>\n", escaped(say("Packet by packet, with the states of both ends")));
    const auto all = facts_.conversations();
    for (std::size_t i = 0; i < std::min(all.size(), most_ladders); ++i) {
      const auto& story = *all[i]->story;
      add("<h3>{} {} → {}</h3><p>{}</p>\n", story.tcp ? "TCP" : "UDP",
          escaped(facts_.name(story.client)), escaped(facts_.name(story.server)),
          linked(story::summary(story)));
      for (const auto& finding : all[i]->findings)
        add("<p class=\"{}\">{} {}</p>\n", finding.weight == story::Weight::remark ? "soft" : "bad",
            linked(finding.says), linked(finding.advice));
      add("<div class=\"scroll\"><div class=\"ladder\"><div class=\"rung\"><b class=\"n\">#</b>"
          "<b class=\"t\">Δt ms</b><b>{}</b><span class=\"way\"></span><b>{}</b></div>\n",
          escaped(say("client")), escaped(say("server")));
      add("<div class=\"rung\"><span></span><span></span><span>{}</span><span class=\"way\"></span>"
          "<span>{}</span></div>\n",
          state(story.first_client), state(story.first_server));
      auto fold = story.folds.begin();
      const auto tell = [&](const story::Rung& one) {
        rung(one);
        for (; fold != story.folds.end() && fold->after <= one.number; ++fold)
          add("<p class=\"soft\">{}</p>\n", escaped(output::fold_text(*fold, {})));
      };
      for (const auto& one : story.first) tell(one);
      if (story.skipped > 0)
        add("<p class=\"soft\">{}</p>\n",
            escaped(say_n("... {} packet more ...", "... {} packets more ...", story.skipped,
                          story.skipped)));
      for (const auto& one : story.last) tell(one);
      text_ += "</div></div>\n";
    }
  }

  // The layer whose header a byte belongs to: the innermost that starts before it.
  static unsigned layer_of(const Anatomy& anatomy, u32 at) {
    unsigned osi = 0;
    for (const Layer& layer : anatomy.layers)
      if (layer.at <= at && at < layer.at + layer.size) osi = layer.osi == 0 ? osi : layer.osi;
    return osi;
  }

  void bytes(const Anatomy& anatomy) {
    if (anatomy.bytes.empty()) return;
    text_ += "<div class=\"hex\">";
    constexpr std::size_t columns = 16;
    for (std::size_t line = 0; line < anatomy.bytes.size(); line += columns) {
      const std::size_t end = std::min(line + columns, anatomy.bytes.size());
      add("<span class=\"soft\">{:04x}</span>  ", line);
      for (std::size_t at = line; at < end;) {
        const unsigned osi = layer_of(anatomy, static_cast<u32>(at));
        std::size_t run = at;
        add("<span class=\"l{}\">", osi);
        while (run < end && layer_of(anatomy, static_cast<u32>(run)) == osi) {
          add("{}{:02x}", run == at ? "" : " ", anatomy.bytes[run]);
          ++run;
        }
        text_ += "</span> ";
        at = run;
      }
      text_.append(3 * (columns - (end - line)) + 1, ' ');
      std::string plain;
      for (std::size_t at = line; at < end; ++at) {
        const u8 byte = anatomy.bytes[at];
        plain += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
      }
      text_ += escaped(plain) + "\n";
    }
    text_ += "</div>";
    if (anatomy.size > anatomy.bytes.size())
      add("<p class=\"soft\">{}</p>\n",
          escaped(say("... and {} bytes more", anatomy.size - anatomy.bytes.size())));
  }

  void anatomies() {
    add("<h2>{}</h2>\n<p class=\"soft\">{}</p>\n", escaped(say("Packets, layer by layer")),
        escaped(
            say("Each layer's bytes are underlined in its own way; open a packet to see them.")));
    for (const u64 number : shown_) {
      const Anatomy* anatomy = facts_.anatomy(number);
      if (anatomy == nullptr) continue;
      const bool open = anatomy == facts_.sample(true) || anatomy == facts_.sample(false);
      std::string names;
      for (const Layer& layer : anatomy->layers)
        if (layer.osi != 0) names += fmt::format("{}{}", names.empty() ? "" : " › ", layer.word);
      add("<details id=\"b{0}\"{1}><summary><a href=\"#p{0}\">#{0}</a> {2}</summary>\n", number,
          open ? " open" : "", escaped(names));
      bytes(*anatomy);
      for (const Layer& layer : anatomy->layers) {
        if (layer.details.empty()) continue;
        add("<p><span class=\"l{}\">{}</span> <span class=\"soft\">{}</span></p>\n", layer.osi,
            escaped(layer.name), escaped(output::osi_layer(layer.osi)));
        text_ += "<div class=\"scroll\"><table>";
        for (const Detail& detail : layer.details)
          add("<tr><td><code>{}</code></td><td>{}</td><td class=\"soft\">{}</td></tr>\n",
              escaped(detail.word), escaped(detail.value), escaped(detail.meaning));
        text_ += "</table></div>\n";
      }
      text_ += "</details>\n";
    }
  }

  static Series series_of(std::string name, std::string_view style, const Curve& curve,
                          Series::Form form) {
    Series series{std::move(name), style, {}, form, 0};
    for (const auto& point : curve.points())
      series.dots.push_back({static_cast<double>(point.time) / 1e9, point.value, point.marked});
    return series;
  }

  void graphs() {
    add("<h2>{}</h2>\n", escaped(say("Graphs")));
    Graph over_time{say("Bytes over time"), say("seconds"), say("bytes"), {}};
    const Timeline& timeline = facts_.timeline;
    const double interval = static_cast<double>(timeline.width) / 1e9;
    for (const bool tcp : {true, false}) {
      Series series{tcp ? "TCP" : "UDP", tcp ? "tcp" : "udp", {}, Series::Form::bars, interval / 2};
      for (unsigned i = 0; i < Timeline::count; ++i)
        if (const u64 bytes = (tcp ? timeline.tcp : timeline.udp)[i]; bytes > 0)
          series.dots.push_back(
              {(i + (tcp ? 0.0 : 0.5)) * interval, static_cast<double>(bytes), false});
      if (!series.dots.empty()) over_time.series.push_back(std::move(series));
    }
    if (!over_time.series.empty()) text_ += svg_of(over_time);
    const auto all = facts_.conversations();
    for (std::size_t i = 0; i < std::min(all.size(), most_ladders); ++i) {
      const Conversation& c = *all[i];
      constexpr std::size_t few = 2;
      const auto name =
          fmt::format("{} → {}", facts_.name(c.story->client), facts_.name(c.story->server));
      Graph sequence{say("Sequence numbers over time: {}", name), say("seconds"), say("bytes"), {}};
      for (const bool server : {false, true})
        if (const Curve& curve = c.sequence[server ? 1 : 0]; curve.points().size() > few)
          sequence.series.push_back(series_of(server ? say("server") : say("client"),
                                              server ? "b" : "a", curve, Series::Form::line));
      if (!sequence.series.empty()) text_ += svg_of(sequence);
      if (c.rtt.points().size() > few)
        text_ += svg_of({say("Round-trip time: {}", name),
                         say("seconds"),
                         say("milliseconds"),
                         {series_of("RTT", "a", c.rtt, Series::Form::points)}});
    }
  }

  const Facts& facts_;
  const About& about_;
  std::set<u64> shown_;  // packets that stand in a ladder
  std::string text_;
};

}  // namespace

std::string html_of(const Facts& facts, const About& about) { return Html{facts, about}.whole(); }

}  // namespace trama::report
