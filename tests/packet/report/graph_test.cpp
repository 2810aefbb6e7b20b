#include "packet/report/graph.h"

#include <gtest/gtest.h>

#include "packet/report/facts.h"

namespace trama::report {
namespace {

TEST(Graph, StepsAreRound) {
  EXPECT_DOUBLE_EQ(round_step(60, 6), 10);
  EXPECT_DOUBLE_EQ(round_step(0.7, 4), 0.1);
  EXPECT_DOUBLE_EQ(round_step(0, 4), 1);
  for (const double span : {1e-9, 0.3, 7.0, 123456.0, 1e12}) {
    EXPECT_LE(round_step(span, 5), span / 5);
    EXPECT_GT(round_step(span, 5) * 2.6, span / 5);
  }
}

TEST(Graph, ItsTextIsSafe) {
  const auto svg = svg_of({"<a&b>", "x", "y", {{"\"s\"", "a", {{0, 1, false}, {2, 3, true}}}}});
  EXPECT_EQ(svg.find("<a&b>"), svg.npos);
  EXPECT_NE(svg.find("&lt;a&amp;b&gt;"), svg.npos);
  EXPECT_NE(svg.find("class=\"again\""), svg.npos);
}

TEST(Curve, KeepsItsSizeAndItsMarks) {
  Curve curve;
  for (int i = 0; i < 100'000; ++i) curve.add(i, i, i == 99'999);
  EXPECT_LE(curve.points().size(), Curve::most);
  EXPECT_GT(curve.points().size(), Curve::most / 4);
  EXPECT_TRUE(curve.points().back().marked);
}

TEST(Timeline, KeepsEveryByteWhileItGrows) {
  Timeline timeline;
  for (i64 second = 0; second < 1000; ++second)
    timeline.add(second * 1'000'000'000, second % 2 == 0, 3);
  u64 sum = 0;
  for (unsigned i = 0; i < Timeline::count; ++i) sum += timeline.tcp[i] + timeline.udp[i];
  EXPECT_EQ(sum, 3000U);
  timeline.add(-5, true, 1);  // before the first packet: in the first interval
  EXPECT_GE(timeline.tcp[0], 1U);
}

}  // namespace
}  // namespace trama::report
