// Basic Encoding Rules (X.690), as far as SNMP needs them: tags of one byte, definite and
// indefinite lengths, integers, object identifiers.
#pragma once
#include <string>

#include "base/bytes.h"

namespace trama::parse {

struct BerItem {
  u8 tag = 0;
  u32 at = 0;   // of its content
  u32 end = 0;  // of its content
  [[nodiscard]] u32 size() const { return end - at; }
};

// Takes items from [at, end) one after the other; `ok` is false from the first that is not whole.
class BerReader {
 public:
  BerReader(const u8* data, u32 at_, u32 end_) : at(at_), end(end_), data_(data) {}
  u32 at;
  u32 end;
  bool ok = true;

  [[nodiscard]] bool more() const { return ok && at < end; }
  BerItem take() {
    BerItem item;
    if (!byte(item.tag) || (item.tag & 0x1f) == 0x1f) {
      ok = false;
      return item;
    }
    u8 first = 0;
    if (!byte(first)) return item;
    u32 size = first;
    if (first == 0x80) {  // indefinite: to the end
      size = end - at;
    } else if (first > 0x80) {
      size = 0;
      if ((first & 0x7f) > 4) ok = false;
      for (u8 next = 0; ok && (first & 0x7f) != 0; --first)
        if (byte(next)) size = size << 8 | next;
    }
    if (!ok || size > end - at) {
      ok = false;
      return item;
    }
    item.at = at;
    item.end = at += size;
    return item;
  }
  // Only of this tag.
  BerItem take(u8 tag) {
    const BerItem item = take();
    ok = ok && item.tag == tag;
    return item;
  }
  // What is inside.
  [[nodiscard]] BerReader in(const BerItem& item) const {
    BerReader inner{data_, item.at, item.end};
    inner.ok = ok;
    return inner;
  }

 private:
  bool byte(u8& value) {
    ok = ok && at < end;
    if (ok) value = data_[at++];
    return ok;
  }
  const u8* data_;
};

// Up to eight bytes, with the sign that the first has, or without one.
u64 ber_signed(Bytes content);
u64 ber_unsigned(Bytes content);
// "1.3.6.1": appended; "0" for no content. What is cut at the end is left out.
void append_oid(std::string& text, Bytes content);

}  // namespace trama::parse
