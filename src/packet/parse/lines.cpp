#include "packet/parse/lines.h"

#include <algorithm>
#include <cstring>

namespace trama::parse {

Line line_at(const Message& message, u32 at) {
  Line line{at, message.captured - at, message.captured, false};
  const char* start = reinterpret_cast<const char*>(message.data) + at;
  const auto* feed = static_cast<const char*>(std::memchr(start, '\n', line.size));
  const u32 until = feed == nullptr ? line.size : static_cast<u32>(feed - start);
  if (const void* turn = std::memchr(start, '\r', until); turn != nullptr) {
    const auto size = static_cast<u32>(static_cast<const char*>(turn) - start);
    if (size + 1 == line.size) return line;
    line.next = at + size + (size + 1 == until && feed != nullptr ? 2 : 1);
    line.size = size;
  } else {
    if (feed == nullptr) return line;
    line.next = at + until + 1;
    line.size = until;
  }
  line.ended = true;
  return line;
}

std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return word;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace trama::parse
