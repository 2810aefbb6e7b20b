// What a graph's points are made of stays bounded and loses no bytes.
#include "packet/stats/graph.h"

#include <gtest/gtest.h>

#include <numeric>

namespace trama::stats {
namespace {

TEST(Rates, CountBytesByInterval) {
  Rates rates;
  rates.add(5'000'000'000, 10);
  rates.add(5'000'500'000, 20);
  rates.add(5'002'000'000, 30);
  rates.add(4'000'000'000, 1);  // before the first: counts with it
  EXPECT_EQ(rates.first(), 5'000'000'000);
  EXPECT_EQ(rates.interval(), Rates::shortest);
  EXPECT_EQ(rates.bytes(), (std::vector<u64>{31, 0, 30}));
}

TEST(Rates, GrowTheIntervalAndKeepTheBytes) {
  Rates rates;
  for (i64 i = 0; i < 100'000; ++i) rates.add(i * 1'000'000, 1);
  rates.add(std::numeric_limits<i64>::max(), 1);
  rates.add(std::numeric_limits<i64>::min() + 1, 1);
  EXPECT_LE(rates.bytes().size(), 20'001U);
  EXPECT_EQ(std::accumulate(rates.bytes().begin(), rates.bytes().end(), u64{0}), 100'002U);
}

TEST(Points, StayBounded) {
  Points points;
  for (i64 i = 0; i < 3'000'000; ++i) points.add({i, 1});
  EXPECT_LE(points.all().size(), 1U << 18);
  EXPECT_GT(points.all().size(), 1U << 16);
  EXPECT_EQ(points.all().front().time, 0);
  EXPECT_GT(points.all().back().time, 2'999'000);
}

TEST(GraphKind, HasNames) {
  EXPECT_EQ(graph_named("rtt"), GraphKind::rtt);
  EXPECT_EQ(name_of(GraphKind::window), "window");
  EXPECT_FALSE(graph_named("round"));
}

}  // namespace
}  // namespace trama::stats
