#include "packet/output/verdict_lines.h"

#include <algorithm>
#include <map>

#include "base/say.h"

namespace trama::output {
namespace {

using story::Finding;
using story::Weight;

constexpr std::size_t most_overview = 6;
constexpr u64 long_transfer = 16;  // segments

std::string_view mark_of(Weight weight, bool utf8) {
  if (weight == Weight::fatal) return utf8 ? "✗" : "x";
  return weight == Weight::trouble ? "!" : utf8 ? "·" : "-";
}

Colour colour_of(Weight weight) {
  if (weight == Weight::fatal) return Colour::red;
  return weight == Weight::trouble ? Colour::yellow : Colour::dim;
}

std::string_view word_of(Weight weight) {
  if (weight == Weight::fatal) return "fatal";
  return weight == Weight::trouble ? "trouble" : "remark";
}

std::string_view arrow(const Terminal& terminal) { return terminal.utf8 ? "→" : "->"; }

}  // namespace

std::string name_of(const story::Story& story, const Terminal& terminal) {
  return fmt::format("{} {} {} {}", story.tcp ? "TCP" : "UDP", to_string(story.client),
                     arrow(terminal), to_string(story.server));
}

std::string finding_lines(const Finding& finding, const Terminal& terminal) {
  return fmt::format(
      "{} {}\n  {}\n",
      terminal.paint(colour_of(finding.weight), mark_of(finding.weight, terminal.utf8)),
      harmless(finding.says),
      terminal.paint(Colour::dim, fmt::format("{} {}", arrow(terminal), finding.advice)));
}

std::string finding_json(const Finding& finding, const story::Story& story) {
  JsonLine line{"diagnosis"};
  line.text("transport", story.tcp ? "tcp" : "udp").number("stream", story.stream);
  line.text("rule", finding.rule).text("weight", word_of(finding.weight));
  line.text("says", finding.says).text("advice", finding.advice);
  std::string packets = "[";
  for (const u64 frame : finding.frames)
    packets += fmt::format("{}{}", packets.size() > 1 ? "," : "", frame);
  return line.raw("packets", packets + "]").line();
}

std::string fold_json(const story::Fold& fold, const story::Story& story) {
  JsonLine line{"fold"};
  line.text("transport", story.tcp ? "tcp" : "udp").number("stream", story.stream);
  line.number("after", fold.after).number("last", fold.last).number("packets", fold.packets);
  return line.number("segments", fold.segments).number("bytes", fold.bytes).line();
}

std::string transfer_lines(const story::Story& story, const Terminal& terminal) {
  std::string text;
  for (unsigned side = 0; side < 2; ++side) {
    const auto& sending = story.facts.sending[side];
    if (sending.segments < long_transfer) continue;
    const auto count = story::count_text(sending.segments);
    const auto size = story::size_text(sending.bytes);
    const auto took = story::time_text(sending.rate.duration());
    text += side == 0 ? say("  {} segments, {} to the server in {}", count, size, took)
                      : say("  {} segments, {} to the client in {}", count, size, took);
    text += fmt::format("  {}\n", terminal.paint(Colour::cyan, sending.rate.line(terminal.utf8)));
  }
  return text;
}

std::string fold_text(const story::Fold& fold, const Terminal& terminal) {
  return say_n("... {} more packet to #{}: {} segments, {}, 0 lost ...",
               "... {} more packets to #{}: {} segments, {}, 0 lost ...", fold.packets,
               story::count_text(fold.packets), fold.last, story::count_text(fold.segments),
               story::size_text(fold.bytes)) +
         "  " + fold.rate.line(terminal.utf8);
}

std::string overview(std::span<const story::Story* const> stories, const Terminal& terminal) {
  struct Like {  // findings of one rule
    Finding first;
    const story::Story* story;
    u64 more = 0;
  };
  std::map<unsigned, Like> likes;  // by rank
  u64 troubled = 0;
  for (const auto* story : stories) {
    const auto findings = story::diagnose(*story);
    troubled += !findings.empty() && findings.front().weight != Weight::remark ? 1 : 0;
    for (const Finding& finding : findings) {
      const auto [at, fresh] = likes.try_emplace(finding.rank, Like{finding, story});
      at->second.more += fresh ? 0 : 1;
    }
  }
  std::vector<const Like*> order;
  for (const auto& [rank, like] : likes) order.push_back(&like);
  std::stable_sort(order.begin(), order.end(),
                   [](const Like* a, const Like* b) { return a->first.weight < b->first.weight; });
  if (order.size() > most_overview) order.resize(most_overview);
  std::string text = terminal.paint(
      Colour::bold, say_n("{} conversation, {} with trouble", "{} conversations, {} with trouble",
                          stories.size(), stories.size(), troubled));
  text += '\n';
  for (const Like* like : order) {
    text += terminal.paint(Colour::dim, name_of(*like->story, terminal));
    if (like->more > 0)
      text += terminal.paint(Colour::dim, say_n(", and {} conversation more like it",
                                                ", and {} conversations more like it", like->more,
                                                story::count_text(like->more)));
    text += '\n' + finding_lines(like->first, terminal);
  }
  return text + '\n';
}

}  // namespace trama::output
