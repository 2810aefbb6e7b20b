// Message Queuing Telemetry Transport, versions 3.1, 3.1.1 and 5.0 (OASIS): every kind of packet,
// several in a segment.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/mqtt_fields.h"

namespace trama::parse {
namespace {

using wire::Field;
using wire::in;

constexpr std::size_t most_aliases = 64;
constexpr std::size_t longest_topic = 256;  // of what is remembered

struct Talk final : flow::Memory {
  unsigned version = 4;
  struct Alias {
    u8 from;
    u16 number;
    std::string topic;
  };
  std::vector<Alias> aliases;

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
Varying varying(const Message& message, u32 at, u32 end) {
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

void read_connect(Message& message, Reader& reader, Talk* talk) {
  reader.text(in(mqtt_fields, "mqtt.proto_len"), in(mqtt_fields, "mqtt.protoname"));
  const u64 version = reader.number(in(mqtt_fields, "mqtt.ver"), 1);
  if (talk != nullptr && reader.good()) talk->version = static_cast<unsigned>(version);
  const u32 at = reader.at();
  const u64 flags = reader.number(in(mqtt_fields, "mqtt.conflags"), 1);
  if (!reader.good()) return;
  const auto flag = [&](const Field& field, unsigned shift, unsigned mask) {
    message.put(field, at, 1, flags >> shift & mask);
  };
  flag(in(mqtt_fields, "mqtt.conflag.uname"), 7, 1);
  flag(in(mqtt_fields, "mqtt.conflag.passwd"), 6, 1);
  flag(in(mqtt_fields, "mqtt.conflag.retain"), 5, 1);
  flag(in(mqtt_fields, "mqtt.conflag.qos"), 3, 3);
  flag(in(mqtt_fields, "mqtt.conflag.willflag"), 2, 1);
  flag(in(mqtt_fields, "mqtt.conflag.cleansess"), 1, 1);
  flag(in(mqtt_fields, "mqtt.conflag.reserved"), 0, 1);
  reader.number(in(mqtt_fields, "mqtt.kalive"), 2);
  if (reader.v5()) reader.properties(in(mqtt_fields, "mqtt.properties"));
  reader.text(in(mqtt_fields, "mqtt.clientid_len"), in(mqtt_fields, "mqtt.clientid"));
  if ((flags & 4) != 0) {
    if (reader.v5()) reader.properties(in(mqtt_fields, "mqtt.will_properties"));
    reader.text(in(mqtt_fields, "mqtt.willtopic_len"), in(mqtt_fields, "mqtt.willtopic"));
    reader.text(in(mqtt_fields, "mqtt.willmsg_len"), in(mqtt_fields, "mqtt.willmsg"), true);
  }
  if ((flags & 0x80) != 0 && reader.more())
    reader.text(in(mqtt_fields, "mqtt.username_len"), in(mqtt_fields, "mqtt.username"));
  if ((flags & 0x40) != 0 && reader.more())
    reader.text(in(mqtt_fields, "mqtt.passwd_len"), in(mqtt_fields, "mqtt.passwd"));
}

void add_topic(Message& message, std::string_view topic) {
  message.info() += " [";
  dissect::append_text(message.info(), topic);
  message.info() += ']';
}

void add_id(Message& message, u64 id) {
  fmt::format_to(std::back_inserter(message.info()), " (id={})", id);
}

void read_publish(Message& message, Reader& reader, Talk* talk, unsigned qos) {
  auto topic = reader.text(in(mqtt_fields, "mqtt.topic_len"), in(mqtt_fields, "mqtt.topic"));
  if (qos != 0)
    if (const u64 id = reader.number(in(mqtt_fields, "mqtt.msgid"), 2); reader.good())
      add_id(message, id);
  if (!reader.good()) return;
  if (reader.v5() && talk != nullptr) {
    const u16 number = reader.properties(in(mqtt_fields, "mqtt.properties"));
    auto* known = talk->alias(message.from(), number);
    if (number != 0 && topic.empty() && known != nullptr) {
      topic = known->topic;
      message.put_text(in(mqtt_fields, "mqtt.topic"), reader.at(), 0, topic);
    } else if (number != 0 && !topic.empty()) {
      if (known != nullptr)
        known->topic.assign(topic.substr(0, longest_topic));
      else if (talk->aliases.size() < most_aliases)
        talk->aliases.push_back(
            {message.from(), number, std::string{topic.substr(0, longest_topic)}});
    }
  }
  add_topic(message, topic);
  if (reader.good()) reader.rest(in(mqtt_fields, "mqtt.msg"));
}

void read_subscribe(Message& message, Reader& reader) {
  while (reader.more()) {
    const auto topic =
        reader.text(in(mqtt_fields, "mqtt.topic_len"), in(mqtt_fields, "mqtt.topic"));
    if (!reader.good()) return;
    add_topic(message, topic);
    const u32 at = reader.at();
    if (!reader.v5()) {
      if (reader.more()) message.put(in(mqtt_fields, "mqtt.sub.qos"), at, 1, message.data[at] & 3U);
      reader.skip(1);
      continue;
    }
    const u64 options = reader.number(in(mqtt_fields, "mqtt.subscription_options"), 1);
    if (!reader.good()) return;
    message.put(in(mqtt_fields, "mqtt.subscription_options_reserved"), at, 1, options >> 6);
    message.put(in(mqtt_fields, "mqtt.subscription_options_retain"), at, 1, options >> 4 & 3);
    message.put(in(mqtt_fields, "mqtt.subscription_options_rap"), at, 1, options >> 3 & 1);
    message.put(in(mqtt_fields, "mqtt.subscription_options_nl"), at, 1, options >> 2 & 1);
    message.put(in(mqtt_fields, "mqtt.subscription_options_qos"), at, 1, options & 3);
  }
}

void read_reasons(Reader& reader, const Field& field) {
  if (!reader.more()) return;
  reader.number(field, 1);
  if (reader.more()) reader.properties(in(mqtt_fields, "mqtt.properties"));
}

void read_body(Message& message, Reader& reader, Talk* talk, unsigned type, unsigned flags) {
  const auto id = [&] {
    const u64 number = reader.number(in(mqtt_fields, "mqtt.msgid"), 2);
    if (reader.good()) add_id(message, number);
  };
  switch (type) {
    case 1:
      return read_connect(message, reader, talk);
    case 2: {
      const u32 at = reader.at();
      const u64 bits = reader.number(in(mqtt_fields, "mqtt.conack.flags"), 1);
      if (!reader.good()) return;
      message.put(in(mqtt_fields, "mqtt.conack.flags.reserved"), at, 1, bits >> 1 != 0 ? 1 : 0);
      message.put(in(mqtt_fields, "mqtt.conack.flags.sp"), at, 1, bits & 1);
      if (!reader.v5()) {
        reader.number(in(mqtt_fields, "mqtt.conack.val"), 1);
        return;
      }
      reader.number(in(mqtt_fields, "mqtt.connack.reason_code"), 1);
      if (reader.good()) reader.properties(in(mqtt_fields, "mqtt.properties"));
      return;
    }
    case 3:
      return read_publish(message, reader, talk, flags >> 1 & 3);
    case 4:
    case 5:
    case 6:
    case 7: {
      const Field* const reasons[] = {&in(mqtt_fields, "mqtt.puback.reason_code"),
                                      &in(mqtt_fields, "mqtt.pubrec.reason_code"),
                                      &in(mqtt_fields, "mqtt.pubrel.reason_code"),
                                      &in(mqtt_fields, "mqtt.pubcomp.reason_code")};
      id();
      if (reader.v5()) read_reasons(reader, *reasons[type - 4]);
      return;
    }
    case 8:
      id();
      if (reader.good() && reader.v5()) reader.properties(in(mqtt_fields, "mqtt.properties"));
      return read_subscribe(message, reader);
    case 9:
    case 11:
      id();
      if (reader.good() && reader.v5()) reader.properties(in(mqtt_fields, "mqtt.properties"));
      while (reader.more())
        reader.number(type == 11    ? in(mqtt_fields, "mqtt.unsuback.reason_code")
                      : reader.v5() ? in(mqtt_fields, "mqtt.suback.reason_code")
                                    : in(mqtt_fields, "mqtt.suback.qos"),
                      1);
      return;
    case 10:
      id();
      if (reader.good() && reader.v5()) reader.properties(in(mqtt_fields, "mqtt.properties"));
      while (reader.more())
        reader.text(in(mqtt_fields, "mqtt.topic_len"), in(mqtt_fields, "mqtt.topic"));
      return;
    case 14:
      if (reader.v5()) read_reasons(reader, in(mqtt_fields, "mqtt.disconnect.reason_code"));
      return;
    case 15:
      if (reader.v5()) read_reasons(reader, in(mqtt_fields, "mqtt.auth.reason_code"));
      return;
    default:
      return;
  }
}

void read_packet(Message& message, u32 at, u32 end, u32 length_size, u64 length, Talk* talk) {
  const u8 first = message.data[at];
  const unsigned type = first >> 4;
  const unsigned flags = first & 15U;
  message.enter(mqtt.header, at, end - at);
  message.put(in(mqtt_fields, "mqtt.hdrflags"), at, 1, first);
  message.put(in(mqtt_fields, "mqtt.msgtype"), at, 1, type);
  if (type == 3) {
    message.put(in(mqtt_fields, "mqtt.dupflag"), at, 1, flags >> 3);
    message.put(in(mqtt_fields, "mqtt.qos"), at, 1, flags >> 1 & 3);
    message.put(in(mqtt_fields, "mqtt.retain"), at, 1, flags & 1);
  } else {
    message.put(in(mqtt_fields, "mqtt.hdr_reserved"), at, 1, flags);
  }
  message.put(in(mqtt_fields, "mqtt.len"), at + 1, length_size, length);
  if (!message.info().empty()) message.info() += ", ";
  message.info() += mqtt_type_names[type].text;
  Reader reader{message, at + 1 + length_size, std::min(end, message.captured), talk};
  read_body(message, reader, talk, type, flags);
  if (!reader.good()) message.malformed();
  message.leave();
}

bool read_mqtt(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  message.clear_info();
  message.protocol("MQTT");
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    const Varying length = varying(message, at + 1, message.captured);
    if (length.size == 0 && left < 5) {
      if (message.waits()) {
        message.need(at, 0);
        return true;
      }
      message.enter(mqtt.header, at);
      message.malformed();
      message.leave();
      return true;
    }
    if (length.size == 0) {
      message.enter(mqtt.header, at);
      message.malformed();
      message.leave();
      return true;
    }
    const u64 whole = 1 + length.size + length.value;
    if (whole > left && message.waits()) {
      message.need(at, static_cast<u32>(whole - left));
      return true;
    }
    const u32 end = at + static_cast<u32>(std::min<u64>(whole, left));
    read_packet(message, at, end, length.size, length.value, talk);
    at = end;
  }
  return true;
}

constexpr u16 ports[] = {1883};

}  // namespace

const Parser mqtt{
    .header = {.word = "mqtt",
               .name = "MQ Telemetry Transport Protocol",
               .layer = 7,
               .fields = {},
               .found = mqtt_fields},
    .tcp_ports = ports,
    .read = read_mqtt
};

}  // namespace trama::parse
