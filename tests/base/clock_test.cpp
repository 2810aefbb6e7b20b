#include "base/clock.h"

#include <gtest/gtest.h>

namespace trama::tests {
namespace {

using namespace std::chrono_literals;

TEST(Clock, DurationsHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(lasted(0ns), "0.00 ms");
  EXPECT_EQ(lasted(213us), "0.21 ms");
  EXPECT_EQ(lasted(12'540us), "12.5 ms");
  EXPECT_EQ(lasted(999ms), "999 ms");
  EXPECT_EQ(lasted(1250ms), "1.25 s");
  EXPECT_EQ(lasted(59'400ms), "59.4 s");
  EXPECT_EQ(lasted(59'600ms), "1 min 0 s");
  EXPECT_EQ(lasted(125s), "2 min 5 s");
  EXPECT_EQ(lasted(12'000s), "3 h 20 min");
}

TEST(Clock, TimeOfDayShowsMilliseconds) {
  const auto text = time_of_day(1'700'000'000'250'000'000);
  ASSERT_EQ(text.size(), 12U);
  EXPECT_EQ(text.substr(8), ".250");
}

}  // namespace
}  // namespace trama::tests
