// Times far from each other, as tshark 4.0 compared them in made captures; two times and all times
// at once say the same.
#include "packet/filter/times.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "packet/filter/evaluate.h"

namespace trama::filter {
namespace {

constexpr i64 second = 1'000'000'000;
constexpr i64 half = (i64{1} << 31) * second;
constexpr i64 whole = (i64{1} << 32) * second;

TEST(Times, NearOnesAreComparedExactly) {
  EXPECT_EQ(compare_times(Sort::seconds, 5, 5), 0);
  EXPECT_EQ(compare_times(Sort::seconds, 5, 6), -1);
  EXPECT_EQ(compare_times(Sort::seconds, 2 * second, second + 7), 1);
  EXPECT_EQ(compare_times(Sort::seconds, -second / 2, second / 2), -1);
  EXPECT_EQ(compare_times(Sort::seconds, -3 * second / 2, -second / 2), -1);
  EXPECT_EQ(compare_times(Sort::moment, -1, 0), -1);
}

TEST(Times, TheDifferenceOfSecondsIsCutTo32Bits) {
  EXPECT_EQ(compare_times(Sort::seconds, half - 1, 0), 1);
  EXPECT_EQ(compare_times(Sort::seconds, half, 0), -1);
  EXPECT_EQ(compare_times(Sort::seconds, -half, 0), -1);
  EXPECT_EQ(compare_times(Sort::seconds, -half - second, 0), 1);
  EXPECT_EQ(compare_times(Sort::seconds, whole, 0), 0);
  EXPECT_EQ(compare_times(Sort::seconds, whole + second / 2, 0), 0);
  EXPECT_EQ(compare_times(Sort::seconds, whole - 1, 0), -1);
  EXPECT_EQ(compare_times(Sort::moment, whole + second, 0), 1);
}

TEST(Times, SpansHoldWhatComparingSays) {
  constexpr Relation relations[] = {Relation::equal, Relation::greater, Relation::greater_equal,
                                    Relation::less, Relation::less_equal};
  std::vector<i64> times;
  for (const i64 far : {i64{0}, half, -half, whole, -whole, whole + half, 2 * whole, -2 * whole})
    for (const i64 near : {-2 * second, -second, -second / 2, i64{-1}, i64{0}, i64{1}, second / 2,
                           second - 1, second, 3 * second / 2})
      times.push_back(far + near);
  for (const Sort sort : {Sort::seconds, Sort::moment})
    for (const Relation relation : relations)
      for (const i64 constant : times) {
        const auto spans = times_that(sort, relation, constant);
        for (const i64 time : times) {
          const u64 turned = static_cast<u64>(time) ^ u64 { 1 } << 63;
          const bool inside = std::any_of(spans.begin(), spans.end(), [&](const Span& span) {
            return turned - span.low <= span.width;
          });
          EXPECT_EQ(inside, fulfils(relation, compare_times(sort, time, constant)))
              << time << ' ' << static_cast<int>(relation) << ' ' << constant;
        }
      }
}

}  // namespace
}  // namespace trama::filter
