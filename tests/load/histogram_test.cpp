#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace trama::load {
namespace {

TEST(Histogram, NothingRecordedIsZero) {
  const Histogram times;
  EXPECT_EQ(times.count(), 0U);
  EXPECT_EQ(times.quantile(0.5), 0);
  EXPECT_EQ(times.most(), 0);
}

TEST(Histogram, OneValueIsEveryQuantile) {
  Histogram times;
  times.record(123'456'789);
  for (const double share : {0.0, 0.5, 0.999, 1.0})
    EXPECT_EQ(times.quantile(share), 123'456'789) << share;
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram times;
  for (i64 value = 1; value <= 1000; ++value) times.record(value);
  EXPECT_EQ(times.quantile(0.5), 500);
  EXPECT_EQ(times.quantile(0.99), 990);
  EXPECT_EQ(times.quantile(0.999), 999);
  EXPECT_EQ(times.quantile(1), 1000);
}

// Against the sorted values themselves, over nine decades.
TEST(Histogram, QuantilesAreRightToAThousandth) {
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> exponent{0, 12};
  Histogram times;
  std::vector<i64> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<i64>(std::pow(10, exponent(random))));
    times.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto at = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
    const auto right = static_cast<double>(values[at]);
    const auto told = static_cast<double>(times.quantile(share));
    EXPECT_GE(told, right) << share;
    EXPECT_LE(told, right * 1.001) << share;
  }
}

TEST(Histogram, WhatIsOutsideCountsAsTheNearest) {
  Histogram times;
  times.record(-5);
  EXPECT_EQ(times.quantile(1), 0);
  times.record(i64{1} << 60);
  EXPECT_EQ(times.most(), Histogram::largest);
  EXPECT_EQ(times.quantile(1), Histogram::largest);
  EXPECT_EQ(times.count(), 2U);
}

// At every doubling the places follow each other without a gap.
TEST(Histogram, BordersOfTheBucketsKeepTheirOrder) {
  for (unsigned bit = 10; bit < 42; ++bit)
    for (const i64 value : {(i64{1} << bit) - 1, i64{1} << bit, (i64{1} << bit) + 1}) {
      Histogram times;
      times.record(value);
      times.record(Histogram::largest);
      EXPECT_GE(times.quantile(0.5), value);
      EXPECT_LE(times.quantile(0.5), value + value / 1000 + 1);
    }
}

}  // namespace
}  // namespace trama::load
