#include "packet/parse/protocols/dns_name.h"

#include <algorithm>

namespace trama::parse {

void DomainName::say(std::string_view what) {
  std::copy(what.begin(), what.end(), text_.begin());
  size_ = static_cast<u32>(what.size());
}

bool DomainName::read(Bytes message, u32 at) {
  constexpr unsigned most_pointers = 256;
  const auto end = static_cast<u32>(message.size());
  const u32 start = at;
  unsigned pointers = 0;
  bool too_long = false;
  size_ = taken_ = 0;
  const auto took = [&] {
    if (pointers == 0) taken_ = at - start;
  };
  while (true) {
    if (at >= end) return false;
    const u8 length = message[at++];
    if (length == 0) break;
    switch (length & 0xc0U) {
      case 0x00: {
        if (length > end - at) return false;
        if (size_ + (size_ > 0 ? 1U : 0U) + length > longest) too_long = true;
        if (!too_long) {
          if (size_ > 0) text_[size_++] = '.';
          std::copy_n(message.begin() + at, length, text_.begin() + size_);
          size_ += length;
        }
        at += length;
        break;
      }
      case 0x40:  // extended labels (RFC 6891 section 5): nobody uses them
      case 0x80:
        return false;
      default: {
        if (at >= end) return false;
        const u32 target = (length & 0x3fU) << 8 | message[at++];
        took();
        if (++pointers >= most_pointers || target == at + 2) {
          say("<Name contains a pointer that loops>");
          return true;
        }
        at = target;
        break;
      }
    }
  }
  took();
  if (too_long)
    say("<Name too long>");
  else if (size_ == 0 || text_[0] == '\0')
    say("<Root>");
  return true;
}

}  // namespace trama::parse
