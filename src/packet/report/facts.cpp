#include "packet/report/facts.h"

#include <algorithm>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/dissect/value.h"

namespace trama::report {

using flow::TcpFlag;

void Curve::add(i64 time, double value, bool marked) {
  if (!marked && seen_++ % every_ != 0) return;
  if (points_.size() >= most) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < points_.size(); i += 2) points_[kept++] = points_[i];
    points_.resize(kept);
    every_ *= 2;
  }
  points_.push_back({time, value, marked});
}

void Timeline::add(i64 time, bool is_tcp, u64 bytes) {
  time = std::max<i64>(time, 0);
  while (time / width >= count) {
    for (auto* row : {&tcp, &udp}) {
      for (std::size_t i = 0; i < count / 2; ++i) (*row)[i] = (*row)[2 * i] + (*row)[2 * i + 1];
      std::fill(row->begin() + count / 2, row->end(), u64{0});
    }
    width *= 2;
  }
  (is_tcp ? tcp : udp)[static_cast<std::size_t>(time / width)] += bytes;
}

void Facts::add(const output::Shown& shown) {
  const Packet& packet = shown.packet;
  ++packets;
  bytes += packet.wire;
  if (packet.time != no_time) {
    if (first == no_time) first = packet.time;
    last = std::max(last == no_time ? packet.time : last, packet.time);
  }
  for (const dissect::Layer& layer : shown.tree.layers())
    if (layer.header->layer != 0) ++protocols[layer.header->word];
  if (shown.step == nullptr) {
    ++others;
    return;
  }
  flow::Step step = *shown.step;
  if (settings_.redact) step.segment.payload = {};
  story::Story* story = book_.add(step, packet.number, packet.time, shown.verdicts);
  if (story == nullptr) return;
  const bool speaks = shown.told != nullptr && !shown.told->protocol.empty();
  if (!settings_.redact && !step.icmp && (speaks || packet.deep)) {
    story::note_messages(story->facts, shown.tree, packet.number, book_.newest().by_client);
    if (speaks && !shown.told->info.empty())
      book_.add_message(*story, shown.told->protocol, shown.told->info);
  }
  const auto [at, fresh] = by_story_.try_emplace(story);
  if (fresh) {
    at->second.story = story;
    at->second.drawn = by_story_.size() <= most_ladders;
  }
  count(at->second, shown, *story);
  if (anatomies_.size() < most_anatomies) keep_layers(shown);
}

void Facts::count(Conversation& conversation, const output::Shown& shown,
                  const story::Story& story) {
  const Packet& packet = shown.packet;
  const flow::Step& step = *shown.step;
  const bool by_client = step.from == step.conversation->client;
  conversation.wire_bytes += packet.wire;
  const i64 since = packet.time == no_time ? 0 : packet.time - first;
  if (step.icmp) return;
  const flow::Segment& segment = step.segment;
  timeline.add(since, segment.tcp, packet.wire);
  if (segment.length > 0 && conversation.first_data == 0) {
    conversation.first_data = packet.number;
    conversation.packets_before = story.packets[0] + story.packets[1] - 1;
    for (const dissect::Layer& layer : shown.tree.layers())
      if (layer.header->word == (segment.tcp ? "tcp" : "udp"))
        conversation.transport_header = layer.header_length;
    auto& sample = samples_[segment.tcp ? 1 : 0];
    if (sample == 0) sample = packet.number;
  }
  if (!segment.tcp) return;
  const bool syn = segment.has(TcpFlag::syn);
  const bool ack = segment.has(TcpFlag::ack);
  if (syn && !ack && conversation.syn == 0) {
    conversation.syn = packet.number;
    conversation.client_isn = segment.seq;
  } else if (syn && ack && conversation.syn_ack == 0) {
    conversation.syn_ack = packet.number;
    conversation.server_isn = segment.seq;
  } else if (ack && by_client && conversation.syn_ack != 0 && conversation.third == 0 && !syn &&
             !segment.has(TcpFlag::rst)) {
    conversation.third = packet.number;
  }
  if (segment.has(TcpFlag::psh)) conversation.pushes.add(packet.number);
  if (segment.has(TcpFlag::rst)) conversation.resets.add(packet.number);
  if (segment.has(TcpFlag::fin) && conversation.fin[by_client ? 0 : 1] == 0)
    conversation.fin[by_client ? 0 : 1] = packet.number;
  if (ack && segment.length == 0 && !syn && !segment.has(TcpFlag::fin | TcpFlag::rst))
    conversation.bare_acks.add(packet.number);
  if (!conversation.drawn) return;
  const bool again = step.noted(flow::retransmission);
  if (segment.length > 0) conversation.sequence[by_client ? 0 : 1].add(since, step.next_seq, again);
  if (step.analysis.ack_rtt > 0)
    conversation.rtt.add(since, static_cast<double>(step.analysis.ack_rtt) / 1e6);
}

void Facts::keep_layers(const output::Shown& shown) {
  const dissect::Tree& tree = shown.tree;
  Anatomy anatomy;
  anatomy.number = shown.packet.number;
  anatomy.size = shown.packet.captured;
  const Bytes all = shown.packet.bytes();
  anatomy.bytes.assign(all.begin(),
                       all.begin() + std::min<std::ptrdiff_t>(std::ssize(all), most_bytes));
  const auto layers = tree.layers();
  for (unsigned i = 1; i < layers.size(); ++i) {
    const dissect::Layer& from = layers[i];
    Layer layer;
    layer.word = from.header->word;
    layer.name = from.header->name;
    layer.osi = from.header->layer;
    layer.at = from.at;
    layer.header = std::min(from.header_length, from.length);
    layer.size = from.length;
    for (const dissect::Row& row : tree.rows()) {
      if (row.layer != i || row.field->show == wire::Show::layer || row.field->word.empty())
        continue;
      if (layer.details.size() >= most_details) break;
      const bool address = row.field->show == wire::Show::ether ||
                           row.field->show == wire::Show::ipv4 ||
                           row.field->show == wire::Show::ipv6;
      const bool contents =
          row.field->show == wire::Show::bytes || row.field->show == wire::Show::text;
      Detail detail{std::string{row.field->word}, "", std::string{translated(row.field->label)}};
      if (settings_.redact && (address || contents))
        detail.value = say("(left out)");
      else
        dissect::append_named_value(detail.value, row);
      detail.value = harmless(detail.value);
      layer.details.push_back(std::move(detail));
    }
    anatomy.layers.push_back(std::move(layer));
  }
  if (settings_.redact) anatomy.bytes.clear();
  anatomies_.emplace(anatomy.number, std::move(anatomy));
}

void Facts::end() {
  const auto read = [](story::State& state, const std::string& name) {
    if (name.empty()) return;
    // What is left of a connection that was is CLOSED, though there is no socket any more.
    if (name != "no socket") state.name = state.name.starts_with(name) ? state.name : name;
    state.origin = story::Origin::kernel;
  };
  const auto read_both = [&](story::Rung& rung) {
    const auto seen = seen_.find(rung.number);
    if (seen == seen_.end()) return;
    read(rung.client, seen->second.client);
    read(rung.server, seen->second.server);
  };
  for (auto& story : book_.stories()) {
    story::settle(story);
    if (settings_.redact) story.facts.icmp_reporter = say("a host");
    std::for_each(story.first.begin(), story.first.end(), read_both);
    std::for_each(story.last.begin(), story.last.end(), read_both);
  }
  for (auto& [story, conversation] : by_story_) {
    conversation.findings = story::diagnose(*story);
    if (conversation.findings.size() > Conversation::most_findings)
      conversation.findings.resize(Conversation::most_findings);
  }
}

std::vector<const Conversation*> Facts::conversations() const {
  std::vector<const Conversation*> all;
  for (const auto& story : book_.stories())
    if (const auto found = by_story_.find(&story); found != by_story_.end())
      all.push_back(&found->second);
  return all;
}

const Anatomy* Facts::anatomy(u64 number) const {
  const auto found = anatomies_.find(number);
  return found == anatomies_.end() ? nullptr : &found->second;
}

const Anatomy* Facts::sample(bool tcp) const { return anatomy(samples_[tcp ? 1 : 0]); }

std::string Facts::host(const Address& address) const {
  auto text = to_string(address);
  if (!settings_.redact) return text;
  const auto next = fmt::format("host-{}", aliases_.size() + 1);
  return aliases_.try_emplace(std::move(text), next).first->second;
}

std::string Facts::name(const Endpoint& end) const {
  if (!settings_.redact) return to_string(end);
  return fmt::format("{}:{}", host(end.address), end.port);
}

}  // namespace trama::report
