// How fast bytes came, over a conversation of any length, in bounded memory; drawn as a line of
// blocks.
#pragma once
#include <array>
#include <string>

#include "base/bytes.h"

namespace trama::story {

class Rate {
 public:
  // `since`: nanoseconds since the conversation's first packet.
  void add(i64 since, u32 bytes);
  // At most `columns` blocks from the first byte to the last, the fastest the highest: "▁▃█▇";
  // plain characters where `utf8` is false. "" where all came at once.
  [[nodiscard]] std::string line(bool utf8, unsigned columns = 24) const;
  // From the first byte to the last, nanoseconds.
  [[nodiscard]] i64 duration() const { return last_ - first_; }

 private:
  static constexpr unsigned places = 32;
  std::array<u64, places> bytes_{};  // of each `width_` nanoseconds from `first_` on
  i64 first_ = -1, last_ = -1;
  i64 width_ = 100'000;
};

// "950 bytes", "1.7 MB": units of a thousand, as the language writes numbers.
std::string size_text(u64 bytes);
// "1,204", "1.204".
std::string count_text(u64 count);

// "104.0 ms", "67.3 s".
std::string time_text(i64 nanoseconds);

}  // namespace trama::story
