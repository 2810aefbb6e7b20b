#include "packet/flow/index.h"

#include <gtest/gtest.h>

#include <map>

namespace trama::flow {
namespace {

Ends ends(u16 from, u16 to) {
  return {
      {.address = *parse_address("10.0.0.1"), .port = from},
      {.address = *parse_address("10.0.0.2"), .port = to  },
      true
  };
}

TEST(Index, HashesBothDirectionsAlike) {
  const Index index;
  const Ends there = ends(40000, 80);
  EXPECT_EQ(index.hash_of(there), index.hash_of({there.to, there.from, true}));
  EXPECT_NE(index.hash_of(there), index.hash_of({there.to, there.from, false}));  // UDP
  EXPECT_NE(index.hash_of(there), index.hash_of(ends(80, 40000)));  // the ports changed places
}

TEST(Index, IsSeededAnew) { EXPECT_NE(Index{}.hash_of(ends(1, 2)), Index{}.hash_of(ends(1, 2))); }

// Against a map, with hashes that often share their place: what is removed leaves the others found.
TEST(Index, FindsWhatWasAddedAndNothingElse) {
  Index index;
  std::map<u32, u64> known;  // place to hash
  u64 random = 7;
  const auto next = [&] { return random = random * 6364136223846793005U + 1442695040888963407U; };
  for (u32 place = 0; place < 20'000; ++place) {
    const u64 hash = (next() >> 40 & 0xfff) << 32;
    index.add(hash, place);
    known[place] = hash;
    if (next() >> 63 == 0) continue;
    const auto gone = known.begin();
    index.remove(gone->second, gone->first);
    known.erase(gone);
  }
  EXPECT_EQ(index.size(), known.size());
  for (const auto& [place, hash] : known)
    EXPECT_EQ(index.find(hash, [&](u32 found) { return found == place; }), place);
  const u64 some = known.begin()->second;
  EXPECT_EQ(index.find(some, [](u32) { return false; }), Index::none);
  EXPECT_EQ(index.find(u64{0x1000} << 32, [](u32) { return true; }), Index::none);
}

}  // namespace
}  // namespace trama::flow
