#include "packet/parse/protocols/snmp_values.h"

#include <algorithm>
#include <iterator>

#include "packet/parse/protocols/snmp_fields.h"

namespace trama::parse::snmp_table {

Bytes content(const Message& message, const BerItem& item) {
  return message.bytes(item.at, item.size());
}

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

namespace {

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

}  // namespace

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

}  // namespace trama::parse::snmp_table
