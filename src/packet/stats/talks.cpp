#include "packet/stats/talks.h"

#include <algorithm>
#include <tuple>

namespace trama::stats {
namespace {

bool below(const Place& a, const Place& b) {
  return std::tie(a.bytes, a.port) < std::tie(b.bytes, b.port);
}

}  // namespace

// Where it stands in talks_; a new one is made.
u32 Talks::talk_of(const Pair& pair, const Packet& packet) {
  u32* place = nullptr;
  if (pair.stream == none) {
    const bool swapped = below(pair.to, pair.from);
    const auto& [low, high] = swapped ? std::tie(pair.to, pair.from) : std::tie(pair.from, pair.to);
    place = &known_.try_emplace({low, high}, none).first->second;
  } else {
    if (pair.stream >= by_stream_.size()) by_stream_.resize(pair.stream + 1, none);
    place = &by_stream_[pair.stream];
  }
  if (*place == none) {
    Talk talk;
    talk.start = talk.stop = packet.since_first;
    talk.turned = pair.end == 1;
    talk.ends = ends_.add({pair.from, pair.to});
    *place = talks_.add(talk);
  }
  return *place;
}

void Talks::count(const Counted& one) {
  Talk& talk = talks_[one.talk];
  const unsigned side = one.end ^ (talk.turned ? 1U : 0U);
  ++talk.frames[side];
  talk.bytes[side] += one.bytes;
  talk.start = std::min(talk.start, one.time);
  talk.stop = std::max(talk.stop, one.time);
}

void Talks::add(const Pair& pair, const Packet& packet) {
  Counted& slot = waiting_[added_ % waiting_.size()];
  if (added_ >= waiting_.size()) count(slot);
  ++added_;
  const u32 talk = talk_of(pair, packet);
  __builtin_prefetch(&talks_[talk], 1);
  slot = {talk, packet.wire, pair.end, packet.since_first};
  if (pair.end > 1) {
    const bool second = !(ends_[talks_[talk].ends][0] == pair.from);
    slot.end = second != talks_[talk].turned ? 1 : 0;
  }
}

std::vector<const Talk*> Talks::sorted() {
  for (u64 i = added_ - std::min<u64>(added_, waiting_.size()); i < added_; ++i)
    count(waiting_[i % waiting_.size()]);
  added_ = 0;
  std::vector<const Talk*> sorted;
  sorted.reserve(talks_.size());
  for (u32 i = 0; i < talks_.size(); ++i) sorted.push_back(&talks_[i]);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Talk* a, const Talk* b) {
    return a->frames[0] + a->frames[1] > b->frames[0] + b->frames[1];
  });
  return sorted;
}

}  // namespace trama::stats
