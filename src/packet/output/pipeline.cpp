#include "packet/output/pipeline.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <type_traits>

#include "wire/registry.h"

namespace trama::output {

void Trees::begin(const Batch& batch, dissect::Fragments* fragments) {
  batch_ = &batch;
  fragments_ = fragments;
  for (u64 used = read_; used != 0; used &= used - 1)
    trees_[static_cast<unsigned>(std::countr_zero(used))]->forget_unusual();
  read_ = annotated_ = 0;
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
  if ((annotated_ & bit) == 0 && step(index) != nullptr) {
    flow::annotate(tree, steps[index]);
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

// The steps that need all packets in order. Packet by packet, as what one says may change how the
// next ones are followed.
class Following {
 public:
  explicit Following(const Work& work)
      : work_(work),
        messages_(work.parse, &flows_),
        flows_(work.flow_memory, remembers(work) ? flow::Table::usually_remembered : 0,
               work.depth) {}

  void learn(std::string_view key_log) { messages_.learn(key_log); }
  void follow(const Batch& batch, Trees& trees) {
    flows_.forget_ended();
    auto& steps = trees.steps;
    flows_.seek(batch, steps);
    for (unsigned i = 0; i < std::min(far_ahead, batch.count); ++i) flows_.fetch(steps[i]);
    const bool remembers = work_.messages != Messages::none;
    for (unsigned i = 0; remembers && i < std::min(ahead, batch.count); ++i)
      fetch_memory(steps[i].guess);
    for (unsigned i = 0; i < batch.count; ++i) {
      if (i + far_ahead < batch.count) flows_.fetch(steps[i + far_ahead]);
      if (remembers && i + ahead < batch.count) fetch_memory(steps[i + ahead].guess);
      // Trees are read here, not annotated: that is for later, with the step.
      const Packet& packet = batch.packets[i];
      flows_.follow(packet, packet.deep ? &trees.read(i) : nullptr, steps[i]);
      trees.answers[i].reset();
      if (packet.deep || (packet.has & echo_messages) != 0)
        trees.answers[i] = echoes_.follow(packet, packet.deep ? &trees.read(i) : nullptr);
      if (work_.verdicts) judge(packet, i, trees);
      read_messages(packet, i, trees);
    }
  }
  [[nodiscard]] const parse::Told& told(unsigned index) const { return told_[index]; }

 private:
  static bool remembers(const Work& work) {
    return work.messages != Messages::none || work.verdicts;
  }
  static constexpr u64 echo_messages = u64{1} << wire::id_icmp | u64{1} << wire::id_icmpv6;
  // Packets from asking for memory to using it.
  static constexpr unsigned far_ahead = 16, ahead = 8;

  // Asks the processor for what the parse step remembers of a conversation, before it is needed:
  // where many are under way, none of it is in the caches. In its place: g++ takes a function that
  // does nothing else for one without effect, and leaves its calls out.
  [[gnu::always_inline]] static void fetch_memory(const flow::Conversation* conversation) {
    const auto* memory = conversation == nullptr
                             ? nullptr
                             : reinterpret_cast<const char*>(conversation->messages.get());
    if (memory == nullptr) return;
    for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(memory + 64 * line);
  }
  void judge(const Packet& packet, unsigned index, Trees& trees) {
    trees.verdicts[index] =
        trees.step(index) != nullptr
            ? judge_.follow(trees.steps[index], packet, packet.deep ? &trees.read(index) : nullptr)
            : flow::Verdicts{};
  }
  void read_messages(const Packet& packet, unsigned index, Trees& trees) {
    const flow::Step* step = trees.step(index);
    if (work_.messages == Messages::none && (step == nullptr || !messages_.moves_numbers(*step)))
      return;
    const bool carries = packet.deep || (step != nullptr && !step->icmp && step->speaks());
    const bool rows = carries && (work_.messages == Messages::rows || packet.deep);
    messages_.read(packet, step, rows ? &trees.of(index) : nullptr, told_[index]);
  }

  const Work& work_;
  flow::Judge judge_;  // before the table: its conversations hold what the judge remembers
  // Before the table, too: what messages wait for is in its conversations, and counted here.
  parse::Engine messages_;
  flow::Table flows_;
  flow::Echoes echoes_;
  std::array<parse::Told, Batch::most> told_;
};

}  // namespace

Counts run(source::Source& source, const Work& work) {
  Counts counts;
  auto batch = std::make_unique<Batch>();
  Trees trees{source.interfaces()};
  dissect::Fragments fragments;
  dissect::Dissector dissector;
  auto following = std::make_unique<Following>(work);
  i64 shown_before = no_time;
  std::size_t learned = 0;  // of the source's key log
  while ((work.stop == nullptr || !*work.stop) && counts.read < work.most && source.next(*batch)) {
    const u64 left = work.most - counts.read;
    batch->count = static_cast<unsigned>(std::min<u64>(batch->count, left));
    if (const auto& log = source.key_log(); log.size() > learned) {
      following->learn(std::string_view{log}.substr(learned));
      learned = log.size();
    }
    trees.begin(*batch, &fragments);
    dissector.dissect(*batch, source.interfaces());
    if (work.times) dissector.date(*batch);
    if (work.trees || work.keep) trees.read_deep();
    if (work.flows) following->follow(*batch, trees);
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
            work.flows ? trees.step(i) : nullptr,
            work.messages == Messages::none ? nullptr : &following->told(i),
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
