#include "load/texts.h"

#include <algorithm>
#include <cstring>

namespace trama::load {
namespace {

constexpr unsigned digits = 4;  // of a number: the letters a to p for 0 to 15

u8 in_upper_case(u8 letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<u8>(letter - 0x20) : letter;
}

}  // namespace

Texts::Texts(std::size_t size, u32 count, Expect expect) : size_(size), count_(count) {
  questions_.reserve(2 * size * count);
  for (u32 i = 0; i < 2 * count; ++i) {
    const u32 number = i % count;
    for (std::size_t at = 0; at + 1 < size; ++at)
      questions_.push_back(at < digits
                               ? static_cast<u8>('a' + (number >> (12 - 4 * at) & 0xf))
                               : static_cast<u8>('a' + (std::size_t{number} * 7 + at) % 26));
    questions_.push_back('\n');
  }
  answers_ = questions_;
  if (expect == Expect::upper)
    std::transform(answers_.begin(), answers_.end(), answers_.begin(), in_upper_case);
}

bool Texts::are_answers(u64 position, Bytes bytes) const {
  while (!bytes.empty()) {
    const auto right = answers(position, std::min<u64>(bytes.size(), size_ * count_));
    if (std::memcmp(right.data(), bytes.data(), right.size()) != 0) return false;
    position += right.size();
    bytes = bytes.subspan(right.size());
  }
  return true;
}

std::optional<u32> Texts::number_of(Bytes answer) const {
  if (answer.size() < digits) return {};
  u32 number = 0;
  for (const u8 byte : answer.first(digits)) {
    const auto letter = static_cast<u8>(byte | 0x20);
    if (letter < 'a' || letter > 'p') return {};
    number = number << 4 | static_cast<u32>(letter - 'a');
  }
  if (number >= count_) return {};
  return number;
}

}  // namespace trama::load
