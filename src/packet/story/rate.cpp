#include "packet/story/rate.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/say.h"

namespace trama::story {

void Rate::add(i64 since, u32 bytes) {
  if (bytes == 0) return;
  if (first_ < 0) first_ = std::max<i64>(0, since);
  const i64 at = std::max(since, first_);
  last_ = std::max(last_, at);
  while ((at - first_) / width_ >= places) {  // each place becomes twice as wide
    for (unsigned i = 0; i < places / 2; ++i) bytes_[i] = bytes_[2 * i] + bytes_[2 * i + 1];
    std::fill(bytes_.begin() + places / 2, bytes_.end(), 0);
    width_ *= 2;
  }
  bytes_[static_cast<std::size_t>((at - first_) / width_)] += bytes;
}

std::string Rate::line(bool utf8, unsigned columns) const {
  constexpr std::string_view blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::string_view letters = "_.-:=+*#";
  if (last_ <= first_) return {};
  const auto used = static_cast<unsigned>((last_ - first_) / width_) + 1;
  const unsigned count = std::min(columns, used);
  std::string text;
  std::array<u64, places> sums{};
  for (unsigned i = 0; i < used; ++i) sums[i * count / used] += bytes_[i];
  const u64 most = *std::max_element(sums.begin(), sums.begin() + count);
  for (unsigned i = 0; i < count; ++i) {
    if (sums[i] == 0) {
      text += ' ';
      continue;
    }
    const auto height = static_cast<std::size_t>((sums[i] * 8 - 1) / most);
    text += utf8 ? blocks[height] : letters.substr(height, 1);
  }
  return text;
}

namespace {
// With one decimal, as the language writes it.
std::string decimal(double value, std::string_view unit) {
  std::string text = fmt::format("{:.1f} {}", value, unit);
  if (spoken() == Language::portuguese) std::replace(text.begin(), text.end(), '.', ',');
  return text;
}
}  // namespace

std::string size_text(u64 bytes) {
  constexpr std::string_view units[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return say_n("{} byte", "{} bytes", bytes, bytes);
  auto value = static_cast<double>(bytes) / 1000;
  unsigned unit = 0;
  for (; value >= 999.95 && unit + 1 < std::size(units); ++unit) value /= 1000;
  return decimal(value, units[unit]);
}

std::string time_text(i64 nanoseconds) {
  constexpr i64 second = 1'000'000'000;
  const auto time = static_cast<double>(nanoseconds);
  return nanoseconds < second ? decimal(time / 1e6, "ms") : decimal(time / 1e9, "s");
}

std::string count_text(u64 count) {
  std::string text = fmt::format("{}", count);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, spoken() == Language::portuguese ? '.' : ',');
  return text;
}

}  // namespace trama::story
