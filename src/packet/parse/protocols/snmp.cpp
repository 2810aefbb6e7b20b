// Simple Network Management Protocol: v1 (RFC 1157), v2c (RFC 1901), v3 (RFC 3412, RFC 3414).
// Pairs answers with requests, by conversation and number; `most_requests` numbers are remembered.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/ber.h"
#include "packet/parse/protocols/snmp_fields.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using namespace snmp_table;  // NOLINT: a table of fields

constexpr u8 sequence = 0x30;
constexpr u8 integer = 0x02;
constexpr u8 octets = 0x04;
constexpr u8 oid = 0x06;
constexpr u64 longest_message = 1U << 20;

enum Pdu : u8 { get = 0, get_next, response, set, trap_v1, get_bulk, inform, trap_v2, report };

struct Request {
  u64 packet;
  i64 time;
};

struct Requests final : flow::Memory {
  static constexpr std::size_t most_requests = 4096;
  boost::unordered_flat_map<u32, Request> by_id;
  bool renumbered = false;
};

Bytes content(const Message& message, const BerItem& item) {
  return message.bytes(item.at, item.size());
}

// An integer as a row; its value.
u64 put_integer(Message& message, BerReader& reader, const Field& field) {
  const BerItem item = reader.take(integer);
  if (!reader.ok) return 0;
  const u64 value = ber_signed(content(message, item));
  message.put(field, item.at, item.size(), value);
  return value;
}

BerItem put_octets(Message& message, BerReader& reader, const Field& field) {
  const BerItem item = reader.take(octets);
  if (!reader.ok) return item;
  if (field.show == Show::text)
    message.put_ascii(field, item.at, item.size());
  else
    message.put_bytes(field, item.at, item.size());
  return item;
}

void put_oid(Message& message, const Field& field, const BerItem& item) {
  if (!message.rows()) return;
  std::string text;
  append_oid(text, content(message, item));
  message.put_text(field, item.at, item.size(), text);
}

void put_value(Message& message, const BerItem& item) {
  const u32 size = item.size();
  const auto bytes = [&](const Field& field) { message.put_bytes(field, item.at, size); };
  const auto number = [&](const Field& field, u64 value) {
    message.put(field, item.at, size, value);
  };
  const auto mark = [&](const Field& field) { message.put(field, item.at, size, 0); };
  const auto with_sign = [&](const Field& field) {
    if (size >= 1 && size <= 8) number(field, ber_signed(content(message, item)));
  };
  const auto without_sign = [&](const Field& field) {
    const bool fits = size >= 1 && (size <= 8 || (size == 9 && message.data[item.at] == 0));
    if (fits) number(field, ber_unsigned(content(message, item)));
  };
  switch (item.tag) {
    case integer:
      return with_sign(in(fields, "snmp.value.int"));
    case octets:
      bytes(in(fields, "snmp.value.octets"));
      return;
    case 0x05:
      return mark(in(fields, "snmp.value.null"));
    case oid:
      return put_oid(message, in(fields, "snmp.value.oid"), item);
    case 0x40:
      if (size == 4)
        number(in(fields, "snmp.value.ipv4"), message.number(item.at, 4));
      else
        bytes(in(fields, "snmp.value.addr"));
      return;
    case 0x41:
    case 0x46:
      return without_sign(in(fields, "snmp.value.counter"));
    case 0x42:
      return with_sign(in(fields, "snmp.value.g32"));
    case 0x43:
      return without_sign(in(fields, "snmp.value.timeticks"));
    case 0x44:
      return bytes(in(fields, "snmp.value.opaque"));
    case 0x45:
      return without_sign(in(fields, "snmp.value.nsap"));
    case 0x47:
      return with_sign(in(fields, "snmp.value.u32"));
    case 0x80:
      return mark(in(fields, "snmp.noSuchObject"));
    case 0x81:
      return mark(in(fields, "snmp.noSuchInstance"));
    case 0x82:
      return mark(in(fields, "snmp.endOfMibView"));
    default:
      return bytes(in(fields, "snmp.value.unk"));
  }
}

// sysDescr and sysName: their texts are shown as such.
bool is_text(Bytes name) {
  constexpr u8 system[] = {0x2b, 6, 1, 2, 1, 1};
  return name.size() == 8 && std::equal(std::begin(system), std::end(system), name.begin()) &&
         (name[6] == 1 || name[6] == 5) && name[7] == 0;
}

bool read_bindings(Message& message, BerReader& reader, bool words) {
  const BerItem list = reader.take(sequence);
  if (!reader.ok) return false;
  u64 count = 0;
  BerReader counter = reader.in(list);
  for (; counter.more(); ++count) counter.take();
  message.put(in(fields, "snmp.variable_bindings"), list.at, list.size(), count);
  BerReader bindings = reader.in(list);
  std::string& info = message.info();
  while (bindings.more()) {
    BerReader binding = bindings.in(bindings.take(sequence));
    binding.ok = bindings.ok;
    const BerItem name = binding.take();
    const BerItem value = binding.take();
    if (!bindings.ok || !binding.ok) return false;
    if (name.tag != oid) continue;
    info += ' ';
    if (name.size() == 0)
      info += "itu-t";
    else
      append_oid(info, content(message, name));
    if (!message.rows()) continue;
    put_oid(message, in(fields, "snmp.name"), name);
    put_value(message, value);
    if (!words || value.size() == 0 || value.tag == oid || !is_text(content(message, name)))
      continue;
    message.path("snmp");
    message.put_ascii(in(fields, "snmp.var-bind_str"), value.at, value.size());
  }
  return bindings.ok;
}

void pair(Message& message, u8 kind, u32 id) {
  auto* requests = message.memory<Requests>();
  if (requests == nullptr) return;
  const Packet& packet = message.around.packet;
  if (kind == get || kind == get_next || kind == set || kind == get_bulk || kind == inform) {
    if (requests->by_id.size() >= Requests::most_requests) requests->by_id.clear();
    requests->by_id.insert_or_assign(id, Request{packet.number, packet.time});
    return;
  }
  const auto found = requests->by_id.find(id);
  if (kind != response || found == requests->by_id.end()) return;
  message.put_found(in(fields, "snmp.response_to"), found->second.packet);
  message.put_found(in(fields, "snmp.time"), static_cast<u64>(packet.time - found->second.time));
}

bool read_trap(Message& message, BerReader& pdu) {
  const BerItem enterprise = pdu.take(oid);
  if (!pdu.ok) return false;
  put_oid(message, in(fields, "snmp.enterprise"), enterprise);
  std::string name;
  append_oid(name, content(message, enterprise));
  message.info() += name.starts_with("1.") ? " iso" + name.substr(1) : ' ' + name;
  const BerItem agent = pdu.take();
  if (pdu.ok && agent.size() == 4)
    message.put(in(fields, "snmp.agent_addr"), agent.at, 4, message.number(agent.at, 4));
  put_integer(message, pdu, in(fields, "snmp.generic_trap"));
  put_integer(message, pdu, in(fields, "snmp.specific_trap"));
  const BerItem time = pdu.take();
  if (!pdu.ok) return false;
  message.put(in(fields, "snmp.time_stamp"), time.at, time.size(),
              ber_unsigned(content(message, time)));
  return true;
}

bool read_pdu(Message& message, BerReader& reader, bool words) {
  message.info().clear();
  const BerItem item = reader.take();
  if (!reader.ok) return false;
  const u8 kind = item.tag & 0x1f;
  if ((item.tag & 0xe0) != 0xa0 || kind > report) return true;
  message.put(in(fields, "snmp.data"), item.at, item.size(), kind);
  BerReader pdu = reader.in(item);
  if (kind == trap_v1) {
    if (!read_trap(message, pdu)) return false;
  } else {
    const u64 id = put_integer(message, pdu, in(fields, "snmp.request_id"));
    const bool bulk = kind == get_bulk;
    put_integer(message, pdu,
                bulk ? in(fields, "snmp.non_repeaters") : in(fields, "snmp.error_status"));
    put_integer(message, pdu,
                bulk ? in(fields, "snmp.max_repetitions") : in(fields, "snmp.error_index"));
    if (pdu.ok) pair(message, kind, static_cast<u32>(id));
  }
  if (!read_bindings(message, pdu, words)) return false;
  message.info().insert(0, pdu_names[kind].text);
  return true;
}

// RFC 3411 section 5: who made the engine, and how it is identified.
void put_engine(Message& message, const BerItem& item) {
  constexpr u64 net_snmp_random = 128;
  if (item.size() == 0 || !message.rows()) return;
  const bool conforms = (message.data[item.at] & 0x80) != 0;
  message.put(in(fields, "snmp.engineid.conform"), item.at, 1, conforms ? 1 : 0);
  if (item.size() < 5) return;
  message.put(in(fields, "snmp.engineid.enterprise"), item.at, 4,
              message.number(item.at, 4) & 0x7fffffff);
  if (!conforms) {
    if (item.size() == 12) message.put_bytes(in(fields, "snmp.agentid_trailer"), item.at + 4, 8);
    return;
  }
  const u64 format = message.put_number(in(fields, "snmp.engineid.format"), item.at + 4, 1);
  const u32 at = item.at + 5;
  const u32 size = item.end - at;
  if (format == 1 && size == 4)
    message.put(in(fields, "snmp.engineid.ipv4"), at, 4, message.number(at, 4));
  else if (format == 2 && size == 16)
    message.put_text(in(fields, "snmp.engineid.ipv6"), at, 16, message.text(at, 16));
  else if (format == 3 && size == 6)
    message.put(in(fields, "snmp.engineid.mac"), at, 6, message.number(at, 6));
  else if (format == 4)
    message.put_ascii(in(fields, "snmp.engineid.text"), at, size);
  else if (format == net_snmp_random && size == 8) {
    message.put_bytes(in(fields, "snmp.engineid.data"), at, 4);
    u64 seconds = 0;  // little-endian
    for (u32 i = 8; i-- > 4;) seconds = seconds << 8 | message.data[at + i];
    message.put(in(fields, "snmp.engineid.time"), at + 4, 4, seconds * 1'000'000'000U);
  } else if (size > 0 && format < net_snmp_random)
    message.put_bytes(in(fields, "snmp.engineid.data"), at, size);
}

bool read_security(Message& message, BerReader reader) {
  BerReader parts = reader.in(reader.take(sequence));
  parts.ok = reader.ok;
  put_engine(message, put_octets(message, parts, in(fields, "snmp.msgAuthoritativeEngineID")));
  put_integer(message, parts, in(fields, "snmp.msgAuthoritativeEngineBoots"));
  put_integer(message, parts, in(fields, "snmp.msgAuthoritativeEngineTime"));
  put_octets(message, parts, in(fields, "snmp.msgUserName"));
  put_octets(message, parts, in(fields, "snmp.msgAuthenticationParameters"));
  put_octets(message, parts, in(fields, "snmp.msgPrivacyParameters"));
  return parts.ok && !parts.more();
}

bool read_version_3(Message& message, BerReader& reader, bool words) {
  constexpr u64 user_based = 3;
  BerReader global = reader.in(reader.take(sequence));
  global.ok = reader.ok;
  put_integer(message, global, in(fields, "snmp.msgID"));
  put_integer(message, global, in(fields, "snmp.msgMaxSize"));
  const BerItem flags = put_octets(message, global, in(fields, "snmp.msgFlags"));
  if (!global.ok) return false;
  if (flags.size() > 0) {
    const u64 bits = message.data[flags.at];
    message.put(in(fields, "snmp.v3.flags.report"), flags.at, 1, bits >> 2 & 1);
    message.put(in(fields, "snmp.v3.flags.crypt"), flags.at, 1, bits >> 1 & 1);
    message.put(in(fields, "snmp.v3.flags.auth"), flags.at, 1, bits & 1);
  }
  const u64 model = put_integer(message, global, in(fields, "snmp.msgSecurityModel"));
  const BerItem security = reader.take(octets);
  if (!global.ok || !reader.ok) return false;
  if (model == user_based && !read_security(message, reader.in(security))) return false;
  const BerItem data = reader.take();
  if (!reader.ok) return false;
  message.put(in(fields, "snmp.msgData"), data.at, data.size(), data.tag == sequence ? 0 : 1);
  if (data.tag == octets) {
    message.put_bytes(in(fields, "snmp.encryptedPDU"), data.at, data.size());
    message.info() = "encryptedPDU: privKey Unknown";
    return true;
  }
  if (data.tag != sequence) return false;
  BerReader scoped = reader.in(data);
  put_engine(message, put_octets(message, scoped, in(fields, "snmp.contextEngineID")));
  put_octets(message, scoped, in(fields, "snmp.contextName"));
  return scoped.ok && read_pdu(message, scoped, words);
}

// One message, whose content is [at, end).
bool read_message(Message& message, u32 at, u32 end, bool words) {
  BerReader reader{message.data, at, end};
  BerReader look = reader;
  const BerItem first = look.take(integer);
  const u64 version = look.ok ? ber_signed(content(message, first)) : 0;
  if (!look.ok) return false;
  switch (version) {
    case 0:
    case 1:
      put_integer(message, reader, in(fields, "snmp.version"));
      put_octets(message, reader, in(fields, "snmp.community"));
      return reader.ok && read_pdu(message, reader, words);
    case 2:
      put_integer(message, reader, in(fields, "snmp.version"));
      put_octets(message, reader, in(fields, "snmp.parameters"));
      return reader.ok && read_pdu(message, reader, words);
    case 3:
      put_integer(message, reader, in(fields, "snmp.msgVersion"));
      return reader.ok && read_version_3(message, reader, words);
    default:
      message.put_found(in(fields, "snmp.version.unknown"), 0);
      return true;
  }
}

// The lengths of the outer SEQUENCE: 0 where the bytes do not start like a message, and
// `cut` where they end before that can be told.
struct Frame {
  u32 header = 0;
  u64 whole = 0;
  bool cut = false;
};

Frame frame_of(const Message& message, u32 at) {
  const u32 left = message.captured - at;
  if (left < 2) return {.header = 0, .whole = 0, .cut = true};
  if (message.data[at] != sequence) return {};
  const u8 first = message.data[at + 1];
  if (first == 0x80) return {2, u64{left}, false};
  if (first < 0x80) return {2, 2U + first, false};
  const u32 size = first & 0x7fU;
  if (size > 4) return {};
  if (left < 2 + size) return {.header = 0, .whole = 0, .cut = true};
  return {2 + size, 2 + size + message.number(at + 2, size), false};
}

bool starts_with_integer(const Message& message, u32 at) {
  return !message.whole(at, 1) || message.data[at] == integer;
}

// tshark gives SNMP a conversation of its own, from the second packet of its ports on.
void renumber(Message& message) {
  auto* talk = message.memory<Requests>();
  if (talk != nullptr && !std::exchange(talk->renumbered, true)) message.renumber();
}

bool read_datagram(Message& message) {
  const Frame frame = frame_of(message, 0);
  const bool fits = frame.whole <= message.length;
  if (!frame.cut && (frame.header == 0 || !fits || !starts_with_integer(message, frame.header)))
    return false;
  renumber(message);
  message.enter(snmp.header);
  if (frame.cut || frame.whole <= frame.header) {
    message.malformed();
    return true;
  }
  message.protocol("SNMP");
  const auto end = static_cast<u32>(std::min<u64>(frame.whole, message.captured));
  const bool more = frame.whole < message.length;
  if (!read_message(message, frame.header, end, !more)) message.malformed();
  if (!more || end >= message.captured) return true;
  message.leave();
  message.enter(wire::data, end);
  message.put_bytes(in(data_found, "data.data"), end, message.captured - end);
  message.put_found(in(data_found, "data.len"), message.captured - end);
  return true;
}

bool read_stream(Message& message) {
  for (u32 at = 0; at < message.captured;) {
    const Frame frame = frame_of(message, at);
    const u32 left = message.captured - at;
    if (frame.cut && message.waits()) {
      message.need(at, 0);
      return true;
    }
    if (frame.header == 0 || !starts_with_integer(message, at + frame.header)) return at > 0;
    if (frame.whole > left && message.waits()) {
      message.need(at, static_cast<u32>(std::min<u64>(frame.whole - left, longest_message)));
      return true;
    }
    const auto size = static_cast<u32>(std::min<u64>(frame.whole, left));
    message.enter(snmp.header, at, size);
    message.protocol("SNMP");
    if (size <= frame.header || !read_message(message, at + frame.header, at + size, true))
      message.malformed();
    message.leave();
    at += size;
  }
  return true;
}

bool read_snmp(Message& message) {
  return message.around.tcp ? read_stream(message) : read_datagram(message);
}

constexpr u16 tcp_ports[] = {161, 162};
constexpr u16 udp_ports[] = {161, 162, 8161};

}  // namespace

const Parser snmp{
    .header = {.word = "snmp",
               .name = "Simple Network Management Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = tcp_ports,
    .udp_ports = udp_ports,
    .moves_numbers = true,
    .read = read_snmp
};

}  // namespace trama::parse
