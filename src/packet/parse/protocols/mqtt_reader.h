// How a packet of MQTT is read: what a conversation remembers, numbers of seven bits a byte, and
// the reader that goes through one packet (MQTT 5.0 sections 1.5 and 2.2).
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/mqtt_fields.h"
#include "packet/parse/waiting.h"

namespace trama::parse::mqtt_packet {

using wire::Field;
using wire::in;

inline constexpr std::size_t most_aliases = 64;
inline constexpr std::size_t longest_topic = 256;  // of what is remembered

struct Talk final : flow::Memory {
  unsigned version = 4;
  struct Alias {
    u8 from;
    u16 number;
    std::string topic;
  };
  std::vector<Alias> aliases;
  Share share;

  Alias* alias(u8 from, u16 number) {
    for (Alias& known : aliases)
      if (known.from == from && known.number == number) return &known;
    return nullptr;
  }
};

// A number of seven bits a byte (MQTT 5.0 section 1.5.5); `size` 0: it does not end.
struct Varying {
  u64 value = 0;
  u32 size = 0;
};
inline Varying varying(const Message& message, u32 at, u32 end) {
  Varying number;
  for (u32 i = 0; i < 4 && at + i < end; ++i) {
    const u8 byte = message.data[at + i];
    number.value |= u64{byte & 0x7fU} << 7 * i;
    if ((byte & 0x80U) == 0) {
      number.size = i + 1;
      return number;
    }
  }
  return number;
}

// One packet, byte by byte. What goes beyond its end makes it malformed.
class Reader {
 public:
  Reader(Message& message, u32 at, u32 end, Talk* talk)
      : message_(message), at_(at), end_(end), talk_(talk) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool more() const { return good_ && at_ < end_; }
  [[nodiscard]] u32 at() const { return at_; }
  [[nodiscard]] bool v5() const { return talk_ != nullptr && talk_->version == 5; }

  u64 number(const Field& field, u32 size) {
    if (!take(size)) return 0;
    const u64 value = message_.number(at_ - size, size);
    message_.put(field, at_ - size, size, value);
    return value;
  }
  // Two bytes of length and so many of text.
  std::string_view text(const Field& length, const Field& field, bool raw = false) {
    const auto size = static_cast<u32>(number(length, 2));
    if (!take(size)) return {};
    const u32 at = at_ - size;
    if (raw)
      message_.put_bytes(field, at, size);
    else if (size != 0 || &field != &in(mqtt_fields, "mqtt.topic"))
      message_.put_text(field, at, size);
    return message_.text(at, size);
  }
  void skip(u32 size) { take(size); }
  void rest(const Field& field) {
    if (at_ < end_) message_.put_bytes(field, at_, end_ - at_);
    at_ = end_;
  }
  // What version 5 puts between; the topic alias in them, 0: none.
  u16 properties(const Field& mark) {
    const Varying size = varying(message_, at_, end_);
    if (size.size == 0 || size.value > end_ - at_ - size.size) {
      good_ = false;
      return 0;
    }
    message_.put(mark, at_, size.size + static_cast<u32>(size.value), 0);
    message_.put(in(mqtt_fields, "mqtt.property_len"), at_, size.size, size.value);
    at_ += size.size;
    const u32 outer = std::exchange(end_, at_ + static_cast<u32>(size.value));
    u16 alias = 0;
    while (more()) property(alias);
    at_ = end_;
    end_ = outer;
    return alias;
  }

 private:
  bool take(u32 size) {
    if (!good_ || size > end_ - at_) {
      good_ = false;
      return false;
    }
    at_ += size;
    return true;
  }
  void property(u16& alias) {
    const u64 id = number(in(mqtt_fields, "mqtt.property_id"), 1);
    switch (id) {
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2a:
        number(in(mqtt_fields, "mqtt.prop_number"), 1);
        return;
      case 0x24:
        number(in(mqtt_fields, "mqtt.property.max_qos"), 1);
        return;
      case 0x13:
      case 0x21:
      case 0x22:
        number(in(mqtt_fields, "mqtt.prop_number"), 2);
        return;
      case 0x23:
        alias = static_cast<u16>(number(in(mqtt_fields, "mqtt.property.topic_alias"), 2));
        return;
      case 0x02:
      case 0x11:
      case 0x18:
      case 0x27:
        number(in(mqtt_fields, "mqtt.prop_number"), 4);
        return;
      case 0x0b: {
        const Varying value = varying(message_, at_, end_);
        good_ = good_ && value.size != 0;
        if (!good_) return;
        message_.put(in(mqtt_fields, "mqtt.prop_number"), at_, value.size, value.value);
        at_ += value.size;
        return;
      }
      case 0x03: {
        const u32 start = at_;
        if (!take(2)) return;
        const auto size = static_cast<u32>(message_.number(start, 2));
        if (take(size))
          message_.put_text(in(mqtt_fields, "mqtt.property.content_type"), start, size + 2,
                            message_.text(at_ - size, size));
        return;
      }
      case 0x08:
      case 0x09:
      case 0x12:
      case 0x15:
      case 0x16:
      case 0x1a:
      case 0x1c:
      case 0x1f:
        text(in(mqtt_fields, "mqtt.prop_string_len"), in(mqtt_fields, "mqtt.prop_string"));
        return;
      case 0x26:
        text(in(mqtt_fields, "mqtt.prop_key_len"), in(mqtt_fields, "mqtt.prop_key"));
        text(in(mqtt_fields, "mqtt.prop_value_len"), in(mqtt_fields, "mqtt.prop_value"));
        return;
      default:
        message_.put_text(in(mqtt_fields, "mqtt.prop_unknown"), at_, end_ - at_);
        at_ = end_;
        return;
    }
  }

  Message& message_;
  u32 at_, end_;
  Talk* talk_;
  bool good_ = true;
};

}  // namespace trama::parse::mqtt_packet
