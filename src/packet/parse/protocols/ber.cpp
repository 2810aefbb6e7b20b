#include "packet/parse/protocols/ber.h"

#include <charconv>

namespace trama::parse {

u64 ber_unsigned(Bytes content) {
  u64 value = 0;
  for (const u8 byte : content) value = value << 8 | byte;
  return value;
}

u64 ber_signed(Bytes content) {
  const u64 value = ber_unsigned(content);
  if (content.empty() || content.size() >= 8 || (content[0] & 0x80) == 0) return value;
  return value | ~u64{0} << (8 * content.size());
}

void append_oid(std::string& text, Bytes content) {
  const auto number = [&](u64 value) {
    char digits[20];
    text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  };
  if (content.empty()) text += '0';
  u64 value = 0;
  bool first = true;
  for (const u8 byte : content) {
    value = value << 7 | (byte & 0x7fU);
    if ((byte & 0x80) != 0) continue;
    if (first) {
      const u64 top = value < 40 ? 0 : value < 80 ? 1 : 2;
      number(top);
      text += '.';
      number(value - 40 * top);
      first = false;
    } else {
      text += '.';
      number(value);
    }
    value = 0;
  }
}

}  // namespace trama::parse
