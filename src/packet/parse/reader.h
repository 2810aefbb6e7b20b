// A place in a message, from which values are taken one after the other. What runs beyond the end
// makes it bad: nothing is taken from then on, and numbers are 0.
#pragma once
#include "packet/parse/message.h"

namespace trama::parse {

class Reader {
 public:
  Reader(Message& message, u32 at, u32 end) : message_(message), at_(at), end_(end) {}

  [[nodiscard]] u32 at() const { return at_; }
  [[nodiscard]] u32 end() const { return end_; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] u32 left() const { return good_ && at_ < end_ ? end_ - at_ : 0; }
  [[nodiscard]] bool more() const { return left() != 0; }
  void fail() { good_ = false; }

  // Steps over `count` bytes; false where there are not so many.
  bool skip(u64 count) {
    if (!good_ || count > left() || !message_.whole(at_, static_cast<u32>(count))) {
      good_ = false;
      return false;
    }
    at_ += static_cast<u32>(count);
    return true;
  }
  // A big-endian number of up to 8 bytes, without a row and as one.
  u64 take(u32 count) { return skip(count) ? message_.number(at_ - count, count) : 0; }
  u64 number(const wire::Field& field, u32 count) {
    const u64 value = take(count);
    if (good_) message_.put(field, at_ - count, count, value);
    return value;
  }
  // The same with the low byte first.
  u64 little(const wire::Field& field, u32 count) {
    u64 value = 0;
    if (!skip(count)) return value;
    for (u32 i = 0; i < count; ++i) value |= u64{message_.data[at_ - count + i]} << 8 * i;
    message_.put(field, at_ - count, count, value);
    return value;
  }
  // The bytes themselves: Show::bytes, ipv6, text; those of ASCII up to the first zero.
  void bytes(const wire::Field& field, u64 count) {
    if (skip(count))
      message_.put_bytes(field, at_ - static_cast<u32>(count), static_cast<u32>(count));
  }
  std::string_view ascii(const wire::Field& field, u64 count) {
    if (!skip(count)) return {};
    const u32 from = at_ - static_cast<u32>(count);
    message_.put_ascii(field, from, static_cast<u32>(count));
    return message_.text(from, static_cast<u32>(count));
  }

 private:
  Message& message_;
  u32 at_, end_;
  bool good_ = true;
};

}  // namespace trama::parse
