// Finds conversations by who talks with whom, either way round. A flat table of eight bytes each,
// probed in a row (linear probing; what is removed leaves no mark): it knows a part of the hash
// and the place, and the conversation itself knows whether it is the one. So the table of a
// hundred thousand conversations fits the processor's second cache, and both of a search's misses
// can be asked for before they are needed.
#pragma once
#include <vector>

#include "packet/flow/conversation.h"
#include "packet/flow/segment.h"

namespace trama::flow {

class Index {
 public:
  Index();

  // The same for both directions. Seeded anew in each process: nobody can make packets that all
  // meet in one place.
  [[nodiscard]] u64 hash_of(const Ends& ends) const;

  // Asks the processor for the hash's part of the table.
  void prefetch(u64 hash) const { __builtin_prefetch(&entries_[tag_of(hash) & mask_]); }
  // The place where `is` holds, among those of this hash; `none` where there is none.
  static constexpr u32 none = ~0U;
  template <class Is>
  [[nodiscard]] u32 find(u64 hash, const Is& is) const {
    const u32 tag = tag_of(hash);
    for (std::size_t at = tag & mask_; entries_[at].place != none; at = (at + 1) & mask_)
      if (entries_[at].tag == tag && is(entries_[at].place)) return entries_[at].place;
    return none;
  }
  // One that is not there yet.
  void add(u64 hash, u32 place);
  // One that is there.
  void remove(u64 hash, u32 place);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    u32 tag = 0;
    u32 place = none;
  };
  static u32 tag_of(u64 hash) { return static_cast<u32>(hash >> 32); }
  void put(Entry entry);

  std::vector<Entry> entries_;  // a power of two of them, at most five of eight used
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
  u64 seeds_[3];
};

}  // namespace trama::flow
