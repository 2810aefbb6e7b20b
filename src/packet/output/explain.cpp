#include "packet/output/explain.h"

#include "base/json.h"
#include "base/say.h"
#include "packet/output/osi.h"
#include "packet/output/verdict_lines.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

constexpr std::size_t most_findings = 3;  // of a conversation; --json has all

std::string_view origin_word(story::Origin origin) {
  switch (origin) {
    case story::Origin::kernel:
      return "kernel";
    case story::Origin::deduced:
      return "deduced";
    case story::Origin::none:
      return "none";
  }
  return "none";
}

std::string_view outcome_word(story::Outcome outcome) {
  constexpr std::string_view words[] = {"open",      "closed",      "half_closed",
                                        "reset",     "refused",     "unanswered",
                                        "half_open", "unreachable", "answered"};
  return words[static_cast<u8>(outcome)];
}

}  // namespace

std::string rung_json(const story::Rung& rung, bool tcp, u32 stream) {
  JsonLine line{"rung"};
  line.text("transport", tcp ? "tcp" : "udp")
      .number("stream", stream)
      .number("packet", rung.number);
  if (rung.time != no_time) line.seconds("time", rung.time);
  line.seconds("since_previous", rung.since_previous)
      .text("from", rung.by_client ? "client" : "server");
  line.text("label", rung.label).number("length", rung.length).boolean("lost", rung.lost);
  line.text("client_state", rung.client.name)
      .text("client_origin", origin_word(rung.client.origin));
  line.text("server_state", rung.server.name)
      .text("server_origin", origin_word(rung.server.origin));
  line.text("says", rung.sentence);
  return line.line();
}

Explanation::Explanation(const ExplainSettings& settings)
    : settings_(settings), ladder_(settings.terminal) {}

void Explanation::add(const Shown& shown, Out& out) {
  const bool passes = shown.passes;
  if (settings_.layers && passes)
    for (const dissect::Layer& layer : shown.tree.layers())
      if (layer.header->layer != 0) ++layers_[layer.header->word];
  if (shown.step == nullptr) {
    others_ += passes ? 1 : 0;
    return;
  }
  story::Story* story =
      book_.add(*shown.step, shown.packet.number, shown.packet.time, shown.verdicts);
  if (story == nullptr) return;
  const bool speaks = shown.told != nullptr && !shown.told->protocol.empty();
  if (!shown.step->icmp && (speaks || shown.packet.deep))
    story::note_messages(story->facts, shown.tree, shown.packet.number, book_.newest().by_client);
  if (speaks && !shown.told->info.empty())
    book_.add_message(*story, shown.told->protocol, shown.told->info);
  story->matched = story->matched || passes;
  if (settings_.live && story->matched) live_rung(*story, out);
}

void Explanation::live_rung(const story::Story& story, Out& out) {
  if (settings_.json) {
    out.write(rung_json(book_.newest(), story.tcp, story.stream));
    return;
  }
  const std::pair whose{story.tcp, story.stream};
  if (whose != newest_) {
    if (newest_.second == ~0U) out.write(ladder_.legend());
    out.print("\n{}\n", title(story));
    if (story.first.size() == 1) head(story, story.silent_server.value_or(story.first_server), out);
  }
  newest_ = whose;
  out.write(ladder_.rung(book_.newest()));
}

std::string Explanation::title(const story::Story& story) const {
  return settings_.terminal.paint(Colour::bold, name_of(story, settings_.terminal));
}

void Explanation::head(const story::Story& story, const story::State& server, Out& out) const {
  if (!story.tcp)
    out.print("{}\n", settings_.terminal.paint(
                          Colour::dim, say("UDP: no connection; there is no state to agree on")));
  out.write(ladder_.head(story.client, story.server, story.first_client, server));
}

void Explanation::tell(const story::Story& story, Out& out) const {
  out.print("\n{}  {}\n", title(story), story::summary(story));
  auto findings = story::diagnose(story);
  if (findings.size() > most_findings) findings.resize(most_findings);
  for (const auto& finding : findings) out.write(finding_lines(finding, settings_.terminal));
  out.write(transfer_lines(story, settings_.terminal));
  head(story, story.first_server, out);
  auto fold = story.folds.begin();
  const auto rung = [&](const story::Rung& it) {
    out.write(ladder_.rung(it));
    for (; fold != story.folds.end() && fold->after <= it.number; ++fold)
      out.write(ladder_.note(fold_text(*fold, settings_.terminal)));
  };
  for (const auto& it : story.first) rung(it);
  if (story.skipped > 0)
    out.write(ladder_.note(
        say_n("... {} packet more ...", "... {} packets more ...", story.skipped, story.skipped)));
  for (const auto& it : story.last) rung(it);
}

void Explanation::tell_json(const story::Story& story, Out& out) const {
  JsonLine line{"conversation"};
  line.text("transport", story.tcp ? "tcp" : "udp").number("stream", story.stream);
  line.text("client", to_string(story.client)).text("server", to_string(story.server));
  line.text("outcome", outcome_word(story.outcome)).number("first_packet", story.first_number);
  line.number("packets_by_client", story.packets[0]).number("packets_by_server", story.packets[1]);
  line.number("bytes_by_client", story.bytes[0]).number("bytes_by_server", story.bytes[1]);
  line.number("retransmissions", story.retransmissions)
      .number("rungs_left_out", story.skipped + story.folded);
  line.text("client_state", story.first_client.name).text("server_state", story.first_server.name);
  line.text("says", story::summary(story));
  out.write(line.line());
  for (const auto& finding : story::diagnose(story)) out.write(finding_json(finding, story));
  for (const auto& rung : story.first) out.write(rung_json(rung, story.tcp, story.stream));
  for (const auto& rung : story.last) out.write(rung_json(rung, story.tcp, story.stream));
  for (const auto& fold : story.folds) out.write(fold_json(fold, story));
}

void Explanation::tell_layers(Out& out) const {
  if (!settings_.json)
    out.print("\n{}\n",
              settings_.terminal.paint(Colour::bold,
                                       say("The layers (OSI), from the wire up to the program")));
  for (unsigned osi = 1; osi <= 7; ++osi)
    for (const auto* header : wire::headers) {
      const auto found = layers_.find(header->word);
      if (header->layer != osi || found == layers_.end() || header == &wire::sll2) continue;
      if (settings_.json) {
        JsonLine line{"layer"};
        line.number("osi", osi)
            .text("header", header->word)
            .text("name", header->name)
            .number("packets", found->second);
        out.write(line.text("says", header_role(header->word)).line());
        continue;
      }
      out.print("  {}  {}  {}\n", padded(osi_layer(osi), 22),
                padded(fmt::format("{} ({})", header->name, header->word), 40),
                say_n("in {} packet", "in {} packets", found->second, found->second));
      if (const auto role = header_role(header->word); !role.empty())
        out.print("{}{}\n", std::string(26, ' '), settings_.terminal.paint(Colour::dim, role));
    }
}

std::vector<const story::Story*> Explanation::matched() const {
  std::vector<const story::Story*> stories;
  for (const auto& story : book_.stories())
    if (story.matched) stories.push_back(&story);
  return stories;
}

u64 Explanation::end(Out& out) {
  u64 told = 0;
  for (const auto& story : book_.stories()) told += story.matched ? 1 : 0;
  if (!settings_.live) {
    if (told > 1 && !settings_.json) out.write(overview(matched(), settings_.terminal));
    if (told > 0 && !settings_.json) out.write(ladder_.legend());
    for (auto& story : book_.stories()) {
      if (!story.matched) continue;
      story::settle(story);
      settings_.json ? tell_json(story, out) : tell(story, out);
      if (!out.is_open()) break;
    }
  }
  if (settings_.layers) tell_layers(out);
  if (settings_.json) return told;
  if (settings_.live) {
    out.print("\n{}\n", say_n("{} conversation", "{} conversations", told, told));
    if (told > 0) out.write(overview(matched(), settings_.terminal));
  }
  if (others_ > 0)
    out.print("\n{}\n",
              say_n("{} packet belongs to no TCP or UDP conversation: trama read shows it.",
                    "{} packets belong to no TCP or UDP conversation: trama read shows them.",
                    others_, others_));
  if (book_.left_out() > 0)
    out.print("{}\n", say("{} conversations more than fit here: choose some with a filter.",
                          book_.left_out()));
  return told;
}

}  // namespace trama::output
