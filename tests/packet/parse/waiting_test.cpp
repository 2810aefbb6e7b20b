#include "packet/parse/waiting.h"

#include <gtest/gtest.h>

namespace trama::parse {
namespace {

TEST(Share, CountsWhatItTakesUpToTheBound) {
  u64 total = 0;
  {
    Share one, other;
    EXPECT_TRUE(one.reach(total, most_waiting - 10));
    EXPECT_FALSE(other.reach(total, 11));
    EXPECT_EQ(total, most_waiting - 10);
    EXPECT_TRUE(other.reach(total, 10));
    EXPECT_FALSE(other.reach(total, 11));
    EXPECT_TRUE(other.reach(total, 4)) << "less is always granted";
    EXPECT_EQ(total, most_waiting - 6);
    one.give_back();
    one.give_back();
    EXPECT_EQ(total, 4U);
  }
  EXPECT_EQ(total, 0U);
}

TEST(Share, MovesWithItsBytes) {
  u64 total = 0;
  {
    Share one;
    EXPECT_TRUE(one.reach(total, 100));
    Share other{std::move(one)};
    EXPECT_EQ(total, 100U);
    Share third;
    EXPECT_TRUE(third.reach(total, 30));
    third = std::move(other);
    EXPECT_EQ(total, 130U);
  }
  EXPECT_EQ(total, 0U);
}

}  // namespace
}  // namespace trama::parse
