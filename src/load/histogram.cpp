#include "load/histogram.h"

#include <algorithm>
#include <cmath>

namespace trama::load {

i64 Histogram::last_of(std::size_t place) {
  constexpr std::size_t half = std::size_t{1} << (digits - 1);
  const std::size_t shift = place < 2 * half ? 0 : place / half - 1;
  return static_cast<i64>(((place - shift * half + 1) << shift) - 1);
}

i64 Histogram::quantile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::clamp<u64>(static_cast<u64>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  u64 seen = 0;
  const auto at = std::find_if(counts_.begin(), counts_.end(),
                               [&](u64 count) { return (seen += count) >= wanted; });
  return std::min(last_of(static_cast<std::size_t>(at - counts_.begin())), most_);
}

}  // namespace trama::load
