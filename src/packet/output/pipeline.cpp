#include "packet/output/pipeline.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>
#include <type_traits>

#include "wire/registry.h"

namespace trama::output {

void Trees::begin(const Batch& batch, dissect::Fragments* fragments) {
  batch_ = &batch;
  fragments_ = fragments;
  read_ = annotated_ = 0;
  for (const auto& tree : trees_)
    if (tree) tree->forget_unusual();
}

void Trees::read_deep() {
  for (u64 deep = batch_->deep & Batch::mask(batch_->count); deep != 0; deep &= deep - 1)
    read(static_cast<unsigned>(std::countr_zero(deep)));
}

dissect::Tree& Trees::read(unsigned index) {
  auto& tree = trees_[index];
  if (!tree) tree = std::make_unique<dissect::Tree>();
  const u64 bit = u64{1} << index;
  const Packet& packet = batch_->packets[index];
  if ((read_ & bit) == 0) {
    tree->dissect(packet, interfaces_[packet.interface], fragments_);
    read_ |= bit;
  }
  return *tree;
}

dissect::Tree& Trees::of(unsigned index) {
  dissect::Tree& tree = read(index);
  const u64 bit = u64{1} << index;
  if ((annotated_ & bit) == 0 && steps[index]) {
    flow::annotate(tree, *steps[index]);
    if (verdicts[index].count > 0) flow::annotate(tree, verdicts[index]);
    annotated_ |= bit;
  }
  if ((annotated_ & bit) == 0 && answers[index]) {
    flow::annotate(tree, *answers[index]);
    annotated_ |= bit;
  }
  return tree;
}

void Trees::add_since_shown(unsigned index, i64 since) {
  of(index);
  if (batch_->packets[index].time != no_time)
    trees_[index]->add(wire::in(wire::frame_found, "frame.time_delta_displayed"), 0,
                       static_cast<u64>(since));
}

const dissect::Tree* Reading::made() const {
  dissect::Tree& tree = trees_->of(index_);
  trees_->add_since_shown(index_, since_shown_);
  return &tree;
}

namespace {

static_assert(std::is_trivially_destructible_v<flow::Step>);

// Trees are read here, not annotated: the steps are still those of the batch before.
void follow(const Batch& batch, flow::Table& flows, flow::Echoes& echoes, Trees& trees) {
  constexpr u64 messages = u64{1} << wire::id_icmp | u64{1} << wire::id_icmpv6;
  flows.forget_ended();
  flow::Table::Fetched fetched;
  flows.fetch(batch, fetched);
  for (unsigned i = 0; i < batch.count; ++i) {
    const Packet& packet = batch.packets[i];
    // Made in its place: a step is large, and copies of it cost as much as following does.
    ::new (static_cast<void*>(&trees.steps[i])) std::optional<flow::Step>{
        flows.follow(packet, packet.deep ? &trees.read(i) : nullptr, fetched[i])};
    trees.answers[i].reset();
    if (packet.deep || (packet.has & messages) != 0)
      trees.answers[i] = echoes.follow(packet, packet.deep ? &trees.read(i) : nullptr);
  }
}

void judge(const Batch& batch, flow::Judge& judge, Trees& trees) {
  for (unsigned i = 0; i < batch.count; ++i) {
    const Packet& packet = batch.packets[i];
    trees.verdicts[i] = trees.steps[i] ? judge.follow(*trees.steps[i], packet,
                                                      packet.deep ? &trees.read(i) : nullptr)
                                       : flow::Verdicts{};
  }
}

// Asks the processor for what the parse step remembers of the batch's conversations, before it is
// needed: where many are under way, none of it is in the caches.
void fetch_memories(const Trees& trees, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (!trees.steps[i]) continue;
    const auto* memory =
        reinterpret_cast<const char*>(trees.steps[i]->conversation->messages.get());
    if (memory == nullptr) continue;
    for (std::size_t line = 0; line < 5; ++line) __builtin_prefetch(memory + 64 * line);
  }
}

}  // namespace

Counts run(source::Source& source, const Work& work) {
  Counts counts;
  auto batch = std::make_unique<Batch>();
  Trees trees{source.interfaces()};
  dissect::Fragments fragments;
  dissect::Dissector dissector;
  parse::Engine messages{work.parse};
  flow::Judge judge_of_flows;  // before the table: its conversations hold what the judge remembers
  flow::Table flows;
  flow::Echoes echoes;
  std::array<parse::Told, Batch::most> told;
  i64 shown_before = no_time;
  std::size_t learned = 0;  // of the source's key log
  while ((work.stop == nullptr || !*work.stop) && counts.read < work.most && source.next(*batch)) {
    const u64 left = work.most - counts.read;
    batch->count = static_cast<unsigned>(std::min<u64>(batch->count, left));
    if (const auto& log = source.key_log(); log.size() > learned) {
      messages.learn(std::string_view{log}.substr(learned));
      learned = log.size();
    }
    trees.begin(*batch, &fragments);
    dissector.dissect(*batch, source.interfaces());
    if (work.times) dissector.date(*batch);
    if (work.trees || work.keep) trees.read_deep();
    if (work.flows) follow(*batch, flows, echoes, trees);
    if (work.flows && work.verdicts) judge(*batch, judge_of_flows, trees);
    if (work.messages != Messages::none) {
      fetch_memories(trees, batch->count);
      for (unsigned i = 0; i < batch->count; ++i) {
        const bool carries = batch->packets[i].deep ||
                             (trees.steps[i] && !trees.steps[i]->icmp && trees.steps[i]->speaks());
        const bool rows = carries && (work.messages == Messages::rows || batch->packets[i].deep);
        messages.read(batch->packets[i], trees.steps[i] ? &*trees.steps[i] : nullptr,
                      rows ? &trees.of(i) : nullptr, told[i]);
      }
    }
    u64 kept = Batch::mask(batch->count);
    if (work.keep) kept &= work.keep(*batch, trees);
    counts.read += batch->count;
    u64 shown = work.everything ? Batch::mask(batch->count) : kept;
    for (; shown != 0; shown &= shown - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(shown));
      const bool passes = (kept >> i & 1) != 0;
      counts.kept += passes ? 1 : 0;
      if (work.trees) {
        const Packet& packet = batch->packets[i];
        const bool dated = shown_before != no_time && packet.time != no_time;
        const i64 since = dated ? packet.time - shown_before : 0;
        if (packet.time != no_time) shown_before = packet.time;
        work.show({
            packet,
            source.interfaces()[packet.interface],
            Reading{trees,  i, since},
            work.flows && trees.steps[i] ? &*trees.steps[i] : nullptr,
            work.messages == Messages::none ? nullptr : &told[i],
            since,
            passes,
            {     },
            work.verdicts ? &trees.verdicts[i] : nullptr
        });
      }
    }
    if (work.idle) work.idle();
  }
  return counts;
}

}  // namespace trama::output
