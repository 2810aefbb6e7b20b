// Bytes of a TLS vector (RFC 8446 section 3.4) that are read from front to back, each piece as a
// row. The bytes stand in the message, or elsewhere where handshake messages were put together;
// a vector that claims more than its parent holds is cut to it. A number that does not fit is read
// from what follows, as Wireshark does, and breaks nothing unless the bytes end there.
#pragma once
#include <algorithm>

#include "packet/parse/message.h"

namespace trama::parse {

class Vector {
 public:
  // `size` bytes of the message itself.
  Vector(Message& message, u32 at, u32 size)
      : message_(&message), data_(message.data + at), size_(size), place_(at), inside_(true) {}
  // Bytes that stand in no message: they must live as long as the rows, or until the next packet.
  Vector(Message& message, Bytes outside)
      : message_(&message),
        data_(outside.data()),
        size_(static_cast<u32>(outside.size())),
        reach_(size_),
        place_(0),
        inside_(false) {}

  [[nodiscard]] u32 left() const { return at_ < size_ ? size_ - at_ : 0; }
  [[nodiscard]] Bytes rest() const { return {data_ + at_, left()}; }
  // Where in the message the next byte stands.
  [[nodiscard]] u32 where() const { return inside_ ? place_ + at_ : 0; }
  // Something was read behind the end.
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] Message& message() const { return *message_; }
  void fail() { broken_ = true; }

  // The next big-endian number of up to 8 bytes; 0 where it is not whole.
  u64 peek(u32 count, u32 behind = 0) const {
    u64 value = 0;
    if (u64{at_} + behind + count > reach_) return 0;
    for (u32 i = 0; i < count; ++i) value = value << 8 | data_[at_ + behind + i];
    return value;
  }
  u64 take(u32 count) {
    if (!enough(count)) return 0;
    const u64 value = peek(count);
    at_ += count;
    return value;
  }
  // The same as a row.
  u64 number(const wire::Field& field, u32 count) {
    if (!enough(count)) return 0;
    const u64 value = peek(count);
    if (message_->rows()) message_->put(field, where(), count, value);
    at_ += count;
    return value;
  }
  void bytes(const wire::Field& field, u32 count) {
    count = std::min(count, left());
    if (message_->rows()) {
      if (inside_)
        message_->put_bytes(field, place_ + at_, count);
      else
        message_->put_text(field, 0, count, {reinterpret_cast<const char*>(data_ + at_), count});
    }
    at_ += count;
  }
  void mark(const wire::Field& field, u32 count) {
    if (message_->rows()) message_->put(field, where(), std::min(count, left()), 1);
  }
  void skip(u32 count) { at_ += std::min(count, left()); }
  // The next `count` bytes as a vector of their own.
  Vector part(u32 count) {
    count = std::min(count, left());
    Vector inner{*this};
    inner.data_ = data_ + at_;
    inner.size_ = count;
    inner.reach_ = reach_ - std::min(at_, reach_);
    inner.at_ = 0;
    inner.broken_ = false;
    if (inside_) inner.place_ = place_ + at_;
    at_ += count;
    return inner;
  }
  // A vector behind its length of `count` bytes, which is a row; empty where there is no length.
  Vector counted(const wire::Field& length, u32 count) {
    if (left() < count) return part(0);
    return part(static_cast<u32>(number(length, count)));
  }

 private:
  bool enough(u32 count) {
    if (u64{at_} + count <= reach_) return true;
    broken_ = true;
    at_ = std::max(at_, size_);
    return false;
  }

  Message* message_;
  const u8* data_;
  u32 size_, at_ = 0;
  u32 reach_;  // from data_ to the end of all bytes
  u32 place_;  // in the message
  bool inside_;
  bool broken_ = false;
};

}  // namespace trama::parse
