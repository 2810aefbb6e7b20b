#include "packet/parse/sctp.h"

#include <gtest/gtest.h>

#include <string>

namespace trama::parse {
namespace {

struct Wire {
  Associations associations;
  std::vector<u8> message;

  bool add(u32 tsn, std::string_view text, bool begins, bool ends, u32 tag = 7) {
    return associations.add(
        {
            begins, ends, tag, tsn, {reinterpret_cast<const u8*>(text.data()), text.size()}
    },
        message);
  }
  [[nodiscard]] std::string text() const { return {message.begin(), message.end()}; }
};

TEST(Associations, PutsChunksTogetherInAnyOrder) {
  Wire wire;
  EXPECT_FALSE(wire.add(12, "c", false, true));
  EXPECT_FALSE(wire.add(10, "a", true, false));
  EXPECT_TRUE(wire.add(11, "b", false, false));
  EXPECT_EQ(wire.text(), "abc");
}

TEST(Associations, CountOverTheEndOfTheNumbers) {
  Wire wire;
  EXPECT_FALSE(wire.add(0xffffffff, "a", true, false));
  EXPECT_TRUE(wire.add(0, "b", false, true));
  EXPECT_EQ(wire.text(), "ab");
}

TEST(Associations, KeepDirectionsAndMessagesApart) {
  Wire wire;
  EXPECT_FALSE(wire.add(1, "a", true, false, 1));
  EXPECT_FALSE(wire.add(2, "x", false, true, 2));
  EXPECT_FALSE(wire.add(2, "b", true, false, 1));  // begins anew: nothing joins 1 and 2
  EXPECT_TRUE(wire.add(3, "c", false, true, 1));
  EXPECT_EQ(wire.text(), "bc");
}

TEST(Associations, AChunkSentAgainAddsNothing) {
  Wire wire;
  EXPECT_FALSE(wire.add(1, "a", true, false));
  EXPECT_FALSE(wire.add(1, "a", true, false));
  EXPECT_TRUE(wire.add(2, "b", false, true));
  EXPECT_EQ(wire.text(), "ab");
}

TEST(Associations, ForgetTheOldestChunks) {
  Wire wire;
  EXPECT_FALSE(wire.add(1, "a", true, false, 1));
  for (u32 i = 0; i < Associations::most_chunks; ++i)
    EXPECT_FALSE(wire.add(2 * i, "x", true, false, 2));
  EXPECT_FALSE(wire.add(2, "b", false, true, 1));
}

}  // namespace
}  // namespace trama::parse
