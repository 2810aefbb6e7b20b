#include "verbs/nc_type_of_service.h"

#include <charconv>
#include <utility>

namespace trama {

std::optional<int> type_of_service(std::string_view word) {
  constexpr std::pair<std::string_view, int> words[] = {
      {"lowdelay",    0x10},
      {"throughput",  0x08},
      {"reliability", 0x04},
      {"lowcost",     0x02},
      {"critical",    0xa0},
      {"inetcontrol", 0xc0},
      {"netcontrol",  0xe0},
      {"ef",          0xb8}
  };
  for (const auto& [name, value] : words)
    if (name == word) return value;
  const auto digit = [&](std::size_t at, char low, char high) {
    return word[at] >= low && word[at] <= high;
  };
  if (word.size() == 4 && word.starts_with("af") && digit(2, '1', '4') && digit(3, '1', '3'))
    return (word[2] - '0') << 5 | (word[3] - '0') << 3;  // RFC 2597 section 6
  if (word.size() == 3 && word.starts_with("cs") && digit(2, '0', '7'))
    return (word[2] - '0') << 5;  // RFC 2474 section 4.2.2
  const bool hex = word.starts_with("0x");
  if (hex) word.remove_prefix(2);
  int value = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != word.data() + word.size() || value < 0 || value > 255)
    return std::nullopt;
  return value;
}

}  // namespace trama
