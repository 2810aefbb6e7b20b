// How long things took, in bounded memory: log-linear buckets, each at most 1/1024 as wide as the
// values in it, so that a quantile is right to three digits whatever the range. Recording is a few
// instructions and allocates nothing.
#pragma once
#include <bit>
#include <vector>

#include "base/bytes.h"

namespace trama::load {

class Histogram {
 public:
  static constexpr i64 largest = (i64{1} << 42) - 1;  // nanoseconds: 73 minutes; more counts as it

  Histogram() : counts_(place_of(largest) + 1) {}

  // Nanoseconds; what is below 0 counts as 0.
  void record(i64 value) {
    if (value < 0) value = 0;
    if (value > largest) value = largest;
    ++counts_[place_of(value)];
    ++count_;
    if (value > most_) most_ = value;
  }
  [[nodiscard]] u64 count() const { return count_; }
  [[nodiscard]] i64 most() const { return most_; }
  // The value that such a share of all (0 to 1) do not exceed, at most a thousandth too large; 0
  // where there is none.
  [[nodiscard]] i64 quantile(double share) const;

 private:
  // 0 to 2047 have a place each; above, every doubling has 1024.
  static constexpr unsigned digits = 11;  // binary
  static constexpr std::size_t place_of(i64 value) {
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<u64>(value)));
    const unsigned shift = bits > digits ? bits - digits : 0;
    return (std::size_t{shift} << (digits - 1)) + (static_cast<u64>(value) >> shift);
  }
  static i64 last_of(std::size_t place);  // the largest value that has it

  std::vector<u64> counts_;
  u64 count_ = 0;
  i64 most_ = 0;
};

}  // namespace trama::load
