#include "packet/output/pipeline.h"

#include <algorithm>
#include <bit>

#include "wire/protocols/frame.h"

namespace trama::output {

dissect::Tree& Trees::of(unsigned index) {
  auto& tree = trees_[index];
  if (!tree) tree = std::make_unique<dissect::Tree>();
  const u64 bit = u64{1} << index;
  const Packet& packet = batch_.packets[index];
  if ((read_ & bit) == 0) {
    tree->dissect(packet, source_.interfaces()[packet.interface], &fragments_);
    read_ |= bit;
  }
  if ((annotated_ & bit) == 0 && steps[index]) {
    flow::annotate(*tree, *steps[index]);
    annotated_ |= bit;
  }
  if ((annotated_ & bit) == 0 && answers[index]) {
    flow::annotate(*tree, *answers[index]);
    annotated_ |= bit;
  }
  if ((shown_ & bit) != 0) {
    tree->add(wire::in(wire::frame_found, "frame.time_delta_displayed"), 0,
              static_cast<u64>(since_shown_[index]));
    shown_ &= ~bit;
  }
  return *tree;
}

void Trees::note_shown(unsigned index, i64 since) {
  since_shown_[index] = since;
  if (batch_.packets[index].time != no_time) shown_ |= u64{1} << index;
}

const dissect::Tree* Reading::made() const { return &trees_->of(index_); }

Counts run(source::Source& source, const Work& work) {
  Counts counts;
  auto batch = std::make_unique<Batch>();
  Trees trees{*batch, source};
  dissect::Dissector dissector;
  parse::Engine messages{work.parse};
  flow::Table flows;
  flow::Echoes echoes;
  std::array<parse::Told, Batch::most> told;
  i64 shown_before = no_time;
  while ((work.stop == nullptr || !*work.stop) && counts.read < work.most && source.next(*batch)) {
    const u64 left = work.most - counts.read;
    batch->count = static_cast<unsigned>(std::min<u64>(batch->count, left));
    trees.forget();
    dissector.dissect(*batch, source.interfaces());
    if (work.times) dissector.date(*batch);
    if (work.trees || work.keep)
      for (unsigned i = 0; i < batch->count; ++i)  // fragments come together in order
        if (batch->packets[i].deep) {
          trees.steps[i].reset();  // the batch before's
          trees.answers[i].reset();
          trees.of(i);
        }
    if (work.flows) {
      flows.forget_ended();
      for (unsigned i = 0; i < batch->count; ++i) {
        const dissect::Tree* tree = batch->packets[i].deep ? &trees.of(i) : nullptr;
        trees.steps[i].reset();
        trees.steps[i] = flows.follow(batch->packets[i], tree);
        trees.answers[i] = echoes.follow(batch->packets[i], tree);
      }
    }
    if (work.messages != Messages::none)
      for (unsigned i = 0; i < batch->count; ++i) {
        const bool carries = batch->packets[i].deep ||
                             (trees.steps[i] && !trees.steps[i]->icmp && trees.steps[i]->speaks());
        const bool rows = carries && (work.messages == Messages::rows || batch->packets[i].deep);
        messages.read(batch->packets[i], trees.steps[i] ? &*trees.steps[i] : nullptr,
                      rows ? &trees.of(i) : nullptr, told[i]);
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
        trees.note_shown(i, since);
        work.show({
            packet, source.interfaces()[packet.interface], Reading{trees, i},
            work.flows && trees.steps[i] ? &*trees.steps[i] : nullptr,
            work.messages == Messages::none ? nullptr : &told[i], since, passes
        });
      }
    }
    if (work.idle) work.idle();
  }
  return counts;
}

}  // namespace trama::output
