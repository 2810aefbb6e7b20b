// An interface's clock (pcapng's if_tsresol and if_tsoffset), turned into nanoseconds.
#pragma once
#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace trama::source {

// The digits of a second that an if_tsresol tells, in the steps that people read: as tshark's list.
constexpr u8 digits_of(u8 resolution) {
  const unsigned exponent = resolution & 0x7fU;
  const unsigned digits =
      (resolution & 0x80U) != 0 ? exponent * 3 / 10 : exponent;  // 2^10 is about 10^3
  return digits <= 3 ? static_cast<u8>(digits) : digits <= 6 ? 6 : 9;
}

class Ticks {
 public:
  // A tick is 10^-n seconds, or 2^-n where the top bit is set; pcapng's default is 10^-6.
  void resolution(u8 code) {
    const unsigned power = code & 0x7fU;
    multiply_ = divide_ = 1;
    shift_ = 0;
    if ((code & 0x80U) != 0) {
      multiply_ = 1'000'000'000;
      shift_ = power;
    } else if (power <= 9) {
      for (unsigned i = power; i < 9; ++i) multiply_ *= 10;
    } else {
      for (unsigned i = 9; i < power && divide_ <= most / 10; ++i) divide_ *= 10;
      if (power > 28) multiply_ = 0;  // more than 2^64 ticks a nanosecond
    }
    simple_ = divide_ == 1 && shift_ == 0;
  }
  void offset(i64 seconds) {
    constexpr i64 far = std::numeric_limits<i64>::max() / 1'000'000'000;
    offset_ = std::clamp(seconds, -far, far) * 1'000'000'000;
  }

  // Nanoseconds since 1970; times that do not fit (beyond the year 2262) become the last that does.
  [[nodiscard]] i64 nanoseconds(u64 ticks) const {
    if (u64 plain = 0; simple_ && offset_ == 0 &&
                       !__builtin_mul_overflow(ticks, multiply_, &plain) && plain <= latest)
      return static_cast<i64>(plain);
    using Wide = __int128;
    const Wide wide = static_cast<Wide>(ticks) * multiply_ / divide_ >> shift_;
    const Wide sum = wide + offset_;
    return static_cast<i64>(std::clamp<Wide>(sum, -Wide{latest}, Wide{latest}));
  }

 private:
  static constexpr u64 most = std::numeric_limits<u64>::max();
  static constexpr u64 latest = static_cast<u64>(std::numeric_limits<i64>::max());
  u64 multiply_ = 1000, divide_ = 1;
  unsigned shift_ = 0;
  i64 offset_ = 0;
  bool simple_ = true;
};

}  // namespace trama::source
