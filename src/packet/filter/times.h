// Times as Wireshark compares them: where the seconds of two differ, the difference of the seconds
// is cut to its lowest 32 bits and read as signed. What lies 68 years later is earlier, and what
// lies 2^32 seconds later is equal. Both ways to the same rule: two times, and all times at once.
#pragma once
#include <vector>

#include "packet/filter/ast.h"
#include "packet/filter/look.h"
#include "packet/filter/values.h"

namespace trama::filter {

// -1, 0, 1 for two times in nanoseconds, both durations or both moments.
int compare_times(Sort sort, i64 a, i64 b);

// Seconds, as 64 bits with or without sign, that fit nanoseconds (1677 to 2262): those that do not
// are cut to others with which all compares alike.
constexpr i64 comparable_seconds(u64 seconds) {
  constexpr i64 most = 9'223'372'035;
  const auto given = static_cast<i64>(seconds);
  return given >= -most && given <= most ? given : static_cast<i64>(seconds & 0xffff'ffff);
}

// The times that stand in `relation` to the one given (`differ` as `equal`): spans of nanoseconds
// with the sign bit turned.
std::vector<Span> times_that(Sort sort, Relation relation, i64 time);

}  // namespace trama::filter
