#include "load/pace.h"

#include <gtest/gtest.h>

namespace trama::load {
namespace {

constexpr i64 second = 1'000'000'000;

TEST(Pace, TimesAreFixedBeforehand) {
  const Pace pace{5 * second, 2 * second, 1000, 4};
  EXPECT_EQ(pace.time_of(0), 5 * second);
  EXPECT_EQ(pace.time_of(1), 5 * second + 1'000'000);
  EXPECT_EQ(pace.time_of(1999), 7 * second - 1'000'000);
}

TEST(Pace, SendersTakeTurns) {
  const Pace pace{0, 2 * second, 1000, 4};
  EXPECT_EQ(pace.time_of(0, 3), pace.time_of(3));
  EXPECT_EQ(pace.time_of(7, 2), pace.time_of(30));
}

TEST(Pace, WhatIsDueAgreesWithTheTimes) {
  const Pace pace{0, second, 1000, 1};
  EXPECT_EQ(pace.due(-1), 0U);
  EXPECT_EQ(pace.due(0), 1U);
  EXPECT_EQ(pace.due(999'999), 1U);
  EXPECT_EQ(pace.due(1'000'000), 2U);
  EXPECT_EQ(pace.due(500'500'000), 501U);
}

TEST(Pace, NothingIsDueBeyondTheEnd) {
  const Pace pace{0, second, 1000, 1};
  EXPECT_EQ(pace.due(second), 1000U);
  EXPECT_EQ(pace.due(100 * second), 1000U);
}

// An hour at the highest rate: no number overflows.
TEST(Pace, LongAndFast) {
  const Pace pace{0, 3600 * second, 10'000'000, 1};
  EXPECT_EQ(pace.due(3600 * second), 36'000'000'000U);
  EXPECT_EQ(pace.time_of(36'000'000'000U), 3600 * second);
}

}  // namespace
}  // namespace trama::load
