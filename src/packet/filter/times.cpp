#include "packet/filter/times.h"

#include <algorithm>
#include <limits>

namespace trama::filter {
namespace {

using Nanoseconds = __int128;

constexpr i64 second = 1'000'000'000;
constexpr i64 most = std::numeric_limits<i64>::max();
constexpr i64 least = std::numeric_limits<i64>::min();
constexpr i64 half = i64{1} << 31;   // of the differences that 32 bits tell apart
constexpr i64 whole = i64{1} << 32;  // seconds

// Durations are cut towards zero (-1.5 s is -1 s and -0.5 s), moments towards the past.
i64 seconds_of(Sort sort, i64 time) {
  const i64 cut = time / second;
  return sort == Sort::moment && time % second < 0 ? cut - 1 : cut;
}

// The first and the last nanosecond that count to a second.
Nanoseconds first_of(Sort sort, i64 at) {
  const Nanoseconds start = Nanoseconds{at} * second;
  return sort == Sort::moment || at > 0 ? start : start - (second - 1);
}

Nanoseconds last_of(Sort sort, i64 at) {
  const Nanoseconds start = Nanoseconds{at} * second;
  return sort == Sort::moment || at >= 0 ? start + (second - 1) : start;
}

void add(std::vector<Span>& spans, Nanoseconds from, Nanoseconds to) {
  if (from > most || to < least || from > to) return;
  const auto low = static_cast<u64>(static_cast<i64>(std::max(from, Nanoseconds{least})));
  const auto high = static_cast<u64>(static_cast<i64>(std::min(to, Nanoseconds{most})));
  spans.push_back({low ^ u64{1} << 63, high - low});
}

}  // namespace

int compare_times(Sort sort, i64 a, i64 b) {
  const i64 here = seconds_of(sort, a);
  const i64 there = seconds_of(sort, b);
  if (here == there) return a < b ? -1 : a > b ? 1 : 0;
  const auto cut = static_cast<std::int32_t>(here - there);
  return cut < 0 ? -1 : cut > 0 ? 1 : 0;
}

std::vector<Span> times_that(Sort sort, Relation relation, i64 time) {
  std::vector<Span> spans;
  const bool equal = relation != Relation::greater && relation != Relation::less;
  // i64 nanoseconds are 292 years to both sides, 2^32 seconds are 136 years.
  for (i64 turn = -5; turn <= 5; ++turn) {
    const i64 same = seconds_of(sort, time) + turn * whole;
    // The times that are equal; without a turn that is the one time, else the whole second.
    const Nanoseconds from = turn == 0 ? Nanoseconds{time} : first_of(sort, same);
    const Nanoseconds to = turn == 0 ? Nanoseconds{time} : last_of(sort, same);
    if (relation == Relation::greater || relation == Relation::greater_equal)
      add(spans, equal ? from : to + 1, last_of(sort, same + half - 1));
    else if (relation == Relation::less || relation == Relation::less_equal)
      add(spans, first_of(sort, same - half), equal ? to : from - 1);
    else
      add(spans, from, to);
  }
  return spans;
}

}  // namespace trama::filter
