#include "packet/stats/talks.h"

#include <gtest/gtest.h>

namespace trama::stats {
namespace {

Place place(u8 last, u16 port) {
  Place made;
  made.bytes = {10, 0, 0, last};
  made.size = 4;
  made.port = port;
  return made;
}

Packet packet(u32 bytes, i64 time) {
  Packet made;
  made.wire = bytes;
  made.since_first = time;
  return made;
}

TEST(Talks, CountsEachSideAndTheTimeBetween) {
  Talks talks;
  talks.add({place(1, 5), place(2, 80)}, packet(60, 100));
  talks.add({place(2, 80), place(1, 5)}, packet(1500, 300));
  talks.add({place(2, 80), place(1, 5)}, packet(40, 200));
  const auto sorted = talks.sorted();
  ASSERT_EQ(sorted.size(), 1U);
  EXPECT_EQ(sorted[0]->frames, (std::array<u64, 2>{1, 2}));
  EXPECT_EQ(sorted[0]->bytes, (std::array<u64, 2>{60, 1540}));
  EXPECT_EQ(sorted[0]->start, 100);
  EXPECT_EQ(sorted[0]->stop, 300);
  EXPECT_EQ(talks.ends(*sorted[0])[0], place(1, 5));
}

// The first packet counted may be the second end's, where a filter hid the first one's.
TEST(Talks, TheFirstCountedPacketChoosesTheSides) {
  Talks talks;
  talks.add({place(2, 80), place(1, 5), 3, 1}, packet(10, 0));
  talks.add({place(1, 5), place(2, 80), 3, 0}, packet(20, 0));
  const auto sorted = talks.sorted();
  ASSERT_EQ(sorted.size(), 1U);
  EXPECT_EQ(sorted[0]->bytes, (std::array<u64, 2>{10, 20}));
  EXPECT_EQ(talks.ends(*sorted[0])[0], place(2, 80));
}

// An announced end's stream: whose end sent it is not known, its places tell.
TEST(Talks, WithoutAnEndThePlacesTellTheSide) {
  Talks talks;
  talks.add({place(2, 80), place(1, 5), 0, 1}, packet(10, 0));
  talks.add({place(1, 5), place(2, 80), 0, 2}, packet(20, 0));
  talks.add({place(2, 80), place(1, 5), 0, 2}, packet(30, 0));
  EXPECT_EQ(talks.sorted()[0]->bytes, (std::array<u64, 2>{40, 20}));
}

TEST(Talks, TheMostTalkativeFirstThenTheEarliest) {
  Talks talks;
  for (u32 stream = 0; stream < 5000; ++stream)
    for (u32 i = 0; i < 1 + (stream == 4000 ? 1 : 0); ++i)
      talks.add({place(1, 5), place(2, 80), stream, 0}, packet(stream, 0));
  const auto sorted = talks.sorted();
  ASSERT_EQ(sorted.size(), 5000U);
  EXPECT_EQ(sorted[0]->bytes[0], 8000U);
  EXPECT_EQ(sorted[1]->bytes[0], 0U);
  EXPECT_EQ(sorted[4999]->bytes[0], 4999U);
}

}  // namespace
}  // namespace trama::stats
