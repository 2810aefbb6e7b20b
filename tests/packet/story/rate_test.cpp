#include "packet/story/rate.h"

#include <gtest/gtest.h>

namespace trama::tests {
namespace {

using story::Rate;

TEST(Rate, DrawsTheFastestHighest) {
  Rate rate;
  for (i64 ms = 0; ms < 4; ++ms) rate.add(ms * 1'000'000, ms == 2 ? 8000 : 1000);
  const auto line = rate.line(true, 4);
  EXPECT_NE(line.find("█"), std::string::npos) << line;
  EXPECT_NE(line.find("▁"), std::string::npos) << line;
  EXPECT_EQ(line.find("█"), line.rfind("█")) << line;
  for (const char c : rate.line(false)) EXPECT_GE(c, ' ');
}

TEST(Rate, TakesAnyDurationInBoundedMemory) {
  Rate rate;
  for (i64 hour = 0; hour < 1000; ++hour) rate.add(hour * 3'600'000'000'000, 1);
  EXPECT_EQ(rate.duration(), 999 * 3'600'000'000'000);
  EXPECT_LE(rate.line(false).size(), 24U);
}

TEST(Rate, OneMomentIsNoLine) {
  Rate rate;
  EXPECT_EQ(rate.line(true), "");
  rate.add(5, 100);
  EXPECT_EQ(rate.line(true), "");
  rate.add(0, 100);  // times may go backwards
  EXPECT_EQ(rate.line(true), "");
}

TEST(Rate, NumbersAreWrittenShort) {
  EXPECT_EQ(story::size_text(1), "1 byte");
  EXPECT_EQ(story::size_text(999), "999 bytes");
  EXPECT_EQ(story::size_text(1'700'000), "1.7 MB");
  EXPECT_EQ(story::size_text(999'960), "1.0 MB");
  EXPECT_EQ(story::count_text(12), "12");
  EXPECT_EQ(story::count_text(1204), "1,204");
  EXPECT_EQ(story::count_text(1'000'000), "1,000,000");
  EXPECT_EQ(story::time_text(1'200'000'000), "1.2 s");
  EXPECT_EQ(story::time_text(40'500'000), "40.5 ms");
}

}  // namespace
}  // namespace trama::tests
