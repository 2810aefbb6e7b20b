// Message Queuing Telemetry Transport, versions 3.1, 3.1.1 and 5.0 (OASIS): every kind of packet,
// several in a segment.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/mqtt_reader.h"

namespace trama::parse {
namespace {

using namespace mqtt_packet;  // NOLINT: the parts of this parser

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
      else if (talk->aliases.size() < most_aliases &&
               talk->share.cover(message, (talk->aliases.size() + 1) * longest_topic))
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
