#include "packet/flow/index.h"

#include <bit>
#include <random>
#include <utility>

namespace trama::flow {
namespace {

constexpr std::size_t fewest = 1024;

// Both halves of the product: every bit of the one meets every bit of the other.
u64 mix(u64 a, u64 b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<u64>(product) ^ static_cast<u64>(product >> 64);
}

}  // namespace

Index::Index() : entries_(fewest), mask_(fewest - 1) {
  std::random_device random;
  for (u64& seed : seeds_) seed = u64{random()} << 32 | random() | 1;
}

u64 Index::hash_of(const Ends& ends) const {
  const auto half = [&](const Endpoint& end) {
    return mix(end.word(0) ^ seeds_[0], (end.word(1) ^ seeds_[1]) + std::rotl(end.word(2), 24));
  };
  return mix(half(ends.from) + half(ends.to) + (ends.tcp ? 1U : 0U), seeds_[2]);
}

void Index::put(Entry entry) {
  std::size_t at = entry.tag & mask_;
  while (entries_[at].place != none) at = (at + 1) & mask_;
  entries_[at] = entry;
}

void Index::add(u64 hash, u32 place) {
  if (size_ * 8 >= entries_.size() * 5) {
    const auto old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
    mask_ = entries_.size() - 1;
    for (const Entry& entry : old)
      if (entry.place != none) put(entry);
  }
  put({tag_of(hash), place});
  ++size_;
}

void Index::remove(u64 hash, u32 place) {
  std::size_t gap = tag_of(hash) & mask_;
  while (entries_[gap].place != place) gap = (gap + 1) & mask_;
  // Those behind it move up, unless that would take them before their home.
  for (std::size_t at = (gap + 1) & mask_; entries_[at].place != none; at = (at + 1) & mask_) {
    const std::size_t home = entries_[at].tag & mask_;
    if (((at - home) & mask_) < ((at - gap) & mask_)) continue;
    entries_[gap] = entries_[at];
    gap = at;
  }
  entries_[gap] = Entry{};
  --size_;
}

}  // namespace trama::flow
