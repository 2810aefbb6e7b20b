#include <algorithm>
#include <array>
#include <string>

#include "packet/dissect/value.h"
#include "packet/parse/protocols/dns.h"
#include "packet/parse/protocols/dns_fields.h"

namespace trama::parse {

using namespace dns_table;  // NOLINT: a table of fields

void put_name(Message& message, const Field& field, u32 at, const DomainName& name) {
  if (!message.rows()) return;
  std::string shown;
  dissect::append_text(shown, name.text());
  message.put_text(field, at, name.taken(), shown);
}

u64 DnsReader::number(const Field& field, u32 count) {
  const u64 value = take(count);
  if (ok) message.put(field, at - count, count, value);
  return value;
}

void DnsReader::bytes(const Field& field, u64 count) {
  if (!has(count)) return;
  message.put_bytes(field, at, static_cast<u32>(count));
  at += static_cast<u32>(count);
}

void DnsReader::text(const Field& field, u64 count) {
  if (!has(count)) return;
  message.put_ascii(field, at, static_cast<u32>(count));
  at += static_cast<u32>(count);
}

void DnsReader::address(const Field& field, u64 count) {
  if (!has(count)) return;
  const auto size = static_cast<u32>(count);
  if (field.show == Show::ipv4) {
    message.put(field, at, size, message.number(at, size) << (8 * (4 - size)));
  } else {
    std::array<u8, 16> all{};
    std::copy_n(message.data + at, size, all.begin());
    message.put_text(field, at, size, {reinterpret_cast<const char*>(all.data()), all.size()});
  }
  at += size;
}

void DnsReader::moment(const Field& field, u32 count) {
  const u64 seconds = take(count);
  if (ok) message.put(field, at - count, count, seconds * 1'000'000'000U);
}

bool DnsReader::take(DomainName& name) {
  if (ok && name.read(message.bytes(base_, end - base_), at - base_)) {
    at += name.taken();
    return true;
  }
  ok = false;
  return false;
}

DomainName DnsReader::name(const Field& field) {
  const u32 start = at;
  DomainName name;
  if (take(name)) put_name(message, field, start, name);
  return name;
}

void read_edns_options(DnsReader& reader, u32 end) {
  Message& message = reader.message;
  while (reader.ok && reader.at < end) {
    message.put(in(fields, "dns.opt"), reader.at, 4, 0);
    const u64 code = reader.number(in(fields, "dns.opt.code"), 2);
    const auto size = static_cast<u32>(reader.number(in(fields, "dns.opt.len"), 2));
    const u32 start = reader.at;
    reader.bytes(in(fields, "dns.opt.data"), size);
    if (!reader.ok) return;
    reader.at = start;
    const u32 next = start + size;
    const auto each = [&](const Field& field) {
      while (reader.at < next) reader.number(field, 1);
    };
    switch (code) {
      case 5:
        each(in(fields, "dns.opt.dau"));
        break;
      case 6:
        each(in(fields, "dns.opt.dhu"));
        break;
      case 7:
        each(in(fields, "dns.opt.n3u"));
        break;
      case 8:
      case 20730: {
        const u64 family = reader.number(in(fields, "dns.opt.client.family"), 2);
        reader.number(in(fields, "dns.opt.client.netmask"), 1);
        reader.number(in(fields, "dns.opt.client.scope"), 1);
        const u32 left = next > reader.at ? next - reader.at : 0;
        if (family == 1 && left <= 4)
          reader.address(in(fields, "dns.opt.client.addr4"), left);
        else if (family == 2 && left <= 16)
          reader.address(in(fields, "dns.opt.client.addr6"), left);
        else
          reader.bytes(in(fields, "dns.opt.client.addr"), left);
        break;
      }
      case 10:
        reader.bytes(in(fields, "dns.opt.cookie.client"), 8);
        reader.bytes(in(fields, "dns.opt.cookie.server"), next > reader.at ? next - reader.at : 0);
        break;
      case 11:
        if (size == 2) reader.number(in(fields, "dns.opt.edns_tcp_keepalive.timeout"), 2);
        break;
      case 12:
        reader.bytes(in(fields, "dns.opt.padding"), size);
        break;
      case 13:
        reader.text(in(fields, "dns.opt.chain.fqdn"), size);
        break;
      case 15:
        reader.number(in(fields, "dns.opt.ext_error.info_code"), 2);
        if (size > 2) reader.text(in(fields, "dns.opt.ext_error.extra_text"), size - 2);
        break;
      default:
        break;
    }
    reader.at = next;
  }
}

void read_service_parameters(DnsReader& reader, u32 end) {
  Message& message = reader.message;
  while (reader.ok && reader.at < end) {
    message.put(in(fields, "dns.svcb.svcparam"), reader.at, 4, 0);
    const u64 key = reader.number(in(fields, "dns.svcb.svcparam.key"), 2);
    const u64 size = reader.number(in(fields, "dns.svcb.svcparam.value.length"), 2);
    if (!reader.has(size)) return;
    const u32 next = reader.at + static_cast<u32>(size);
    switch (key) {
      case 0:
        while (reader.ok && reader.at < next)
          reader.number(in(fields, "dns.svcb.svcparam.mandatory.key"), 2);
        break;
      case 1:
        while (reader.ok && reader.at < next)
          reader.text(in(fields, "dns.svcb.svcparam.alpn"),
                      reader.number(in(fields, "dns.svcb.svcparam.alpn.length"), 1));
        break;
      case 2:
        break;
      case 3:
        reader.number(in(fields, "dns.svcb.svcparam.port"), 2);
        break;
      case 4:
        while (reader.ok && reader.at < next)
          reader.address(in(fields, "dns.svcb.svcparam.ipv4hint.ip"), 4);
        break;
      case 5:
        reader.bytes(in(fields, "dns.svcb.svcparam.echconfig"), size);
        break;
      case 6:
        while (reader.ok && reader.at < next)
          reader.address(in(fields, "dns.svcb.svcparam.ipv6hint.ip"), 16);
        break;
      case 32769:
        reader.bytes(in(fields, "dns.svcb.svcparam.odohconfig"), size);
        break;
      default:
        reader.bytes(in(fields, "dns.svcb.svcparam.value"), size);
        break;
    }
  }
}

void read_type_bitmap(DnsReader& reader, u32 end) {
  while (reader.ok && reader.at < end) {
    const u64 window = reader.take(1);
    const u64 size = reader.take(1);
    if (!reader.has(size)) return;
    for (u32 i = 0; i < size; ++i, ++reader.at)
      for (unsigned bit = 0; bit < 8; ++bit)
        if ((reader.message.data[reader.at] & 0x80U >> bit) != 0)
          reader.message.put(in(fields, "dns.resp.type"), reader.at, 1, window << 8 | 8U * i | bit);
  }
}

}  // namespace trama::parse
