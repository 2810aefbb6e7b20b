// Simple Network Management Protocol: v1 (RFC 1157), v2c (RFC 1901), v3 (RFC 3412, RFC 3414).
// Pairs answers with requests, by conversation and number; `most_requests` numbers are remembered.
#include <algorithm>
#include <utility>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/asked.h"
#include "packet/parse/protocols/ber.h"
#include "packet/parse/protocols/snmp_fields.h"
#include "packet/parse/protocols/snmp_values.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using namespace snmp_table;  // NOLINT: a table of fields

constexpr u64 longest_message = 1U << 20;

enum Pdu : u8 { get = 0, get_next, response, set, trap_v1, get_bulk, inform, trap_v2, report };

struct Request {
  u64 packet;
  i64 time;
};

struct Requests final : flow::Memory {
  Asked<u32, Request> asked;
  bool renumbered = false;
};

void pair(Message& message, u8 kind, u32 id) {
  auto* requests = message.memory<Requests>();
  if (requests == nullptr) return;
  const Packet& packet = message.around.packet;
  if (kind == get || kind == get_next || kind == set || kind == get_bulk || kind == inform) {
    requests->asked.note(message, id, {packet.number, packet.time});
    return;
  }
  const Request* const found = requests->asked.find(id);
  if (kind != response || found == nullptr) return;
  message.put_found(in(fields, "snmp.response_to"), found->packet);
  message.put_found(in(fields, "snmp.time"), static_cast<u64>(packet.time - found->time));
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
