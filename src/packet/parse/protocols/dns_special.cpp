#include "packet/parse/protocols/dns_special.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "packet/parse/protocols/dns_fields.h"

namespace trama::parse {

using namespace dns_table;  // NOLINT: a table of fields

namespace {

u32 rest_of(const DnsReader& reader, u32 end) { return end > reader.at ? end - reader.at : 0; }

void put_flag(DnsReader& reader, const Field& field, u32 at, u32 size, u64 value) {
  reader.message.put(field, at, size, value == 0 ? 0 : 1);
}

// Texts with a length byte each, to the end.
void read_texts(DnsReader& reader, u32 end, const Field& length, const Field& text) {
  while (reader.ok && reader.at < end) {
    const u64 size = reader.number(length, 1);
    reader.text(text, size);
  }
}

// RFC 4034 appendix B: the sum of the key record's data; for algorithm 1, a part of the key.
u64 key_tag(const Message& message, u32 at, u32 size) {
  if (size >= 4 && message.data[at + 3] == 1)
    return size >= 7 ? message.number(at + size - 3, 2) : 0;
  u64 sum = 0;
  for (u32 i = 0; i < size; ++i)
    sum += i % 2 == 0 ? u64{message.data[at + i]} << 8 : message.data[at + i];
  return (sum + (sum >> 16 & 0xffff)) & 0xffff;
}

}  // namespace

void read_wks_ports(DnsReader& reader, u32 end) {
  while (reader.ok && reader.at < end) {
    if (!reader.has(1)) return;
    if (reader.message.data[reader.at] == 0)
      ++reader.at;
    else
      reader.number(in(fields, "dns.wks.bits"), 1);
  }
}

void read_txt(DnsReader& reader, u32 end) {
  read_texts(reader, end, in(fields, "dns.txt.length"), in(fields, "dns.txt"));
}

void read_spf(DnsReader& reader, u32 end) {
  read_texts(reader, end, in(fields, "dns.spf.length"), in(fields, "dns.spf"));
}

void read_isdn_subaddress(DnsReader& reader, u32 end) {
  if (reader.at >= end) return;
  reader.text(in(fields, "dns.idsn.sa.address"),
              reader.number(in(fields, "dns.idsn.sa.length"), 1));
}

void read_key(DnsReader& reader, u32 end) {
  const u32 start = reader.at;
  if (end < start + 4 || !reader.has(end - start)) {
    reader.ok = false;
    return;
  }
  reader.number(in(fields, "dns.key.flags"), 2);
  reader.number(in(fields, "dns.key.protocol"), 1);
  reader.number(in(fields, "dns.key.algorithm"), 1);
  reader.message.put_found(in(fields, "dns.key.key_id"),
                           key_tag(reader.message, start, end - start));
  reader.bytes(in(fields, "dns.key.public_key"), rest_of(reader, end));
}

void read_dnskey(DnsReader& reader, u32 end) {
  const u32 start = reader.at;
  if (end < start + 4 || !reader.has(end - start)) {
    reader.ok = false;
    return;
  }
  const u64 flags = reader.number(in(fields, "dns.dnskey.flags"), 2);
  put_flag(reader, in(fields, "dns.dnskey.flags.zone_key"), start, 2, flags & 0x100);
  put_flag(reader, in(fields, "dns.dnskey.flags.key_revoked"), start, 2, flags & 0x80);
  put_flag(reader, in(fields, "dns.dnskey.flags.secure_entry_point"), start, 2, flags & 1);
  reader.message.put(in(fields, "dns.dnskey.flags.reserved"), start, 2, (flags & 0xfe7e) >> 1);
  reader.number(in(fields, "dns.dnskey.protocol"), 1);
  reader.number(in(fields, "dns.dnskey.algorithm"), 1);
  reader.message.put_found(in(fields, "dns.dnskey.key_id"),
                           key_tag(reader.message, start, end - start));
  reader.bytes(in(fields, "dns.dnskey.public_key"), rest_of(reader, end));
}

void read_loc(DnsReader& reader, u32 end) {
  if (!reader.has(1)) return;
  const bool known = reader.message.data[reader.at] == 0;
  const u32 start = reader.at;
  reader.number(in(fields, "dns.loc.version"), 1);
  if (!known) {
    reader.at = start;
    return reader.bytes(in(fields, "dns.loc.unknown_data"), rest_of(reader, end));
  }
  reader.number(in(fields, "dns.loc.size"), 1);
  reader.number(in(fields, "dns.loc.horizontal_precision"), 1);
  reader.number(in(fields, "dns.loc.vertical_precision"), 1);
  reader.number(in(fields, "dns.loc.latitude"), 4);
  reader.number(in(fields, "dns.loc.longitude"), 4);
  reader.number(in(fields, "dns.loc.altitude"), 4);
}

// RFC 2535 section 5.2: a bit for each kind of record below 128.
void read_nxt_bitmap(DnsReader& reader, u32 end) {
  for (u32 i = 0; reader.at < end && reader.has(1); ++i, ++reader.at)
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((reader.message.data[reader.at] & 0x80U >> bit) != 0)
        reader.message.put(in(fields, "dns.resp.type"), reader.at, 1, 8U * i + bit);
}

void read_naptr_replacement(DnsReader& reader, u32 /*end*/) {
  const u32 at = reader.at;
  DomainName name;
  if (!reader.take(name)) return;
  reader.message.put(in(fields, "dns.naptr.replacement_length"), at, 0, name.text().size());
  put_name(reader.message, in(fields, "dns.naptr.replacement"), at, name);
}

void read_a6(DnsReader& reader, u32 /*end*/) {
  Message& message = reader.message;
  const u64 prefix = reader.number(in(fields, "dns.a6.prefix_len"), 1);
  if (prefix > 128) {
    reader.ok = false;
    return;
  }
  const auto size = static_cast<u32>((128 - prefix + 7) / 8);
  if (!reader.has(size)) return;
  std::array<u8, 16> suffix{};
  std::copy_n(message.data + reader.at, size, suffix.end() - size);
  message.put_text(in(fields, "dns.a6.address_suffix"), reader.at, size,
                   {reinterpret_cast<const char*>(suffix.data()), suffix.size()});
  reader.at += size;
  std::string& info = message.info();
  const auto before = info.size();
  char number[4];
  info += ' ';
  info.append(number, std::to_chars(number, number + sizeof number, prefix).ptr);
  info.append(" ").append(to_string(address_of(suffix)));
  if (prefix == 0) return;
  const DomainName name = reader.name(in(fields, "dns.a6.prefix_name"));
  if (!reader.ok) return info.resize(before);
  info += ' ';
  dissect::append_text(info, name.text());
}

void read_apl(DnsReader& reader, u32 end) {
  while (reader.ok && reader.at < end) {
    const u64 family = reader.number(in(fields, "dns.apl.address_family"), 2);
    reader.number(in(fields, "dns.apl.coded_prefix"), 1);
    const u64 length = reader.take(1);
    if (!reader.ok) return;
    put_flag(reader, in(fields, "dns.apl.negation"), reader.at - 1, 1, length & 0x80);
    const u64 size = length & 0x7f;
    reader.message.put(in(fields, "dns.apl.afdlength"), reader.at - 1, 1, size);
    if (family == 1 && size <= 4)
      reader.address(in(fields, "dns.apl.afdpart.ipv4"), size);
    else if (family == 2 && size <= 16)
      reader.address(in(fields, "dns.apl.afdpart.ipv6"), size);
    else
      reader.bytes(in(fields, "dns.apl.afdpart.data"), size);
  }
}

void read_ipseckey(DnsReader& reader, u32 end) {
  reader.number(in(fields, "dns.ipseckey.gateway_precedence"), 1);
  const u64 type = reader.number(in(fields, "dns.ipseckey.gateway_type"), 1);
  reader.number(in(fields, "dns.ipseckey.gateway_algorithm"), 1);
  if (type == 1) reader.address(in(fields, "dns.ipseckey.gateway_ipv4"), 4);
  if (type == 2) reader.address(in(fields, "dns.ipseckey.gateway_ipv6"), 16);
  if (type == 3) reader.name(in(fields, "dns.ipseckey.gateway_dns"));
  if (reader.at < end) reader.bytes(in(fields, "dns.ipseckey.public_key"), rest_of(reader, end));
}

void read_nsec3_parameters(DnsReader& reader, u32 /*end*/) {
  reader.number(in(fields, "dns.nsec3.algo"), 1);
  reader.number(in(fields, "dns.nsec3.flags"), 1);
  reader.number(in(fields, "dns.nsec3.iterations"), 2);
  const u64 salt = reader.number(in(fields, "dns.nsec3.salt_length"), 1);
  reader.bytes(in(fields, "dns.nsec3.salt_value"), salt);
}

void read_nsec3(DnsReader& reader, u32 end) {
  constexpr std::string_view base32 = "0123456789abcdefghijklmnopqrstuv";
  Message& message = reader.message;
  const u32 start = reader.at;
  read_nsec3_parameters(reader, end);
  if (!reader.ok) return;
  put_flag(reader, in(fields, "dns.nsec3.flags.opt_out"), start + 1, 1,
           message.data[start + 1] & 1);
  const u64 size = reader.number(in(fields, "dns.nsec3.hash_length"), 1);
  if (!reader.has(size)) return;
  std::string text;
  u64 bits = 0;
  unsigned count = 0;
  for (u32 i = 0; i < size; ++i) {
    bits = bits << 8 | message.data[reader.at + i];
    for (count += 8; count >= 5; count -= 5) text += base32[bits >> (count - 5) & 31];
  }
  if (count > 0) text += base32[bits << (5 - count) & 31];
  message.put_text(in(fields, "dns.nsec3.hash_value"), reader.at, static_cast<u32>(size), text);
  reader.at += static_cast<u32>(size);
  read_type_bitmap(reader, end);
}

void read_hip(DnsReader& reader, u32 end) {
  const u64 tag = reader.number(in(fields, "dns.hip.hit.length"), 1);
  reader.number(in(fields, "dns.hip.hit.pk.algo"), 1);
  const u64 key = reader.number(in(fields, "dns.hip.pk.length"), 2);
  reader.bytes(in(fields, "dns.hip.hit"), tag);
  reader.bytes(in(fields, "dns.hip.pk"), key);
  while (reader.ok && reader.at < end) reader.name(in(fields, "dns.hip.rendezvous_server"));
}

void read_csync(DnsReader& reader, u32 end) {
  reader.number(in(fields, "dns.csync.soa"), 4);
  const u32 at = reader.at;
  const u64 flags = reader.number(in(fields, "dns.csync.flags"), 2);
  if (!reader.ok) return;
  put_flag(reader, in(fields, "dns.csync.flags.immediate"), at, 2, flags & 1);
  put_flag(reader, in(fields, "dns.csync.flags.soaminimum"), at, 2, flags & 2);
  const u32 bitmap = reader.at;
  reader.bytes(in(fields, "dns.csync.type_bitmap"), rest_of(reader, end));
  if (!reader.ok) return;
  reader.at = bitmap;
  read_type_bitmap(reader, end);
}

void read_tkey(DnsReader& reader, u32 /*end*/) {
  reader.name(in(fields, "dns.tkey.algo_name"));
  reader.moment(in(fields, "dns.tkey.signature_inception"), 4);
  reader.moment(in(fields, "dns.tkey.signature_expiration"), 4);
  reader.number(in(fields, "dns.tkey.mode"), 2);
  reader.number(in(fields, "dns.tkey.error"), 2);
  const u64 key = reader.number(in(fields, "dns.tkey.key_size"), 2);
  if (key != 0) reader.bytes(in(fields, "dns.tkey.key_data"), key);
  const u64 other = reader.number(in(fields, "dns.tkey.other_size"), 2);
  if (other != 0) reader.bytes(in(fields, "dns.tkey.other_data"), other);
}

void read_tsig(DnsReader& reader, u32 /*end*/) {
  reader.name(in(fields, "dns.tsig.algorithm_name"));
  reader.moment(in(fields, "dns.tsig.time_signed"), 6);
  reader.number(in(fields, "dns.tsig.fudge"), 2);
  const u64 size = reader.number(in(fields, "dns.tsig.mac_size"), 2);
  if (!reader.has(size)) return;
  if (size != 0)
    reader.message.put(in(fields, "dns.tsig.mac"), reader.at, static_cast<u32>(size), 0);
  reader.at += static_cast<u32>(size);
  reader.number(in(fields, "dns.tsig.original_id"), 2);
  reader.number(in(fields, "dns.tsig.error"), 2);
  const u64 other = reader.number(in(fields, "dns.tsig.other_len"), 2);
  if (other != 0) reader.bytes(in(fields, "dns.tsig.other_data"), other);
}

void read_caa(DnsReader& reader, u32 end) {
  Message& message = reader.message;
  const u64 flags = reader.number(in(fields, "dns.caa.flags"), 1);
  put_flag(reader, in(fields, "dns.caa.flags.issuer_critical"), reader.at - 1, 1, flags & 0x80);
  const u64 size = reader.number(in(fields, "dns.caa.tag_length"), 1);
  if (!reader.has(size)) return;
  const auto tag = message.text(reader.at, static_cast<u32>(size));
  reader.text(in(fields, "dns.caa.tag"), size);
  const u32 at = reader.at;
  reader.text(in(fields, "dns.caa.value"), rest_of(reader, end));
  if (!reader.ok) return;
  const Field& meant = tag == "issue"       ? in(fields, "dns.caa.issue")
                       : tag == "issuewild" ? in(fields, "dns.caa.issuewild")
                       : tag == "iodef"     ? in(fields, "dns.caa.iodef")
                                            : in(fields, "dns.caa.unknown");
  message.put_ascii(meant, at, reader.at - at);
}

void read_wins(DnsReader& reader, u32 /*end*/) {
  const u64 flags = reader.take(4);
  if (!reader.ok) return;
  put_flag(reader, in(fields, "dns.wins.local_flag"), reader.at - 4, 4, flags & 1);
  reader.number(in(fields, "dns.wins.lookup_timeout"), 4);
  reader.number(in(fields, "dns.wins.cache_timeout"), 4);
  u64 servers = reader.number(in(fields, "dns.wins.nb_wins_servers"), 4);
  while (reader.ok && servers-- > 0) reader.address(in(fields, "dns.wins.wins_server"), 4);
}

void read_wins_reverse(DnsReader& reader, u32 /*end*/) {
  const u64 flags = reader.take(4);
  if (!reader.ok) return;
  put_flag(reader, in(fields, "dns.winsr.local_flag"), reader.at - 4, 4, flags & 1);
  reader.number(in(fields, "dns.winsr.lookup_timeout"), 4);
  reader.number(in(fields, "dns.winsr.cache_timeout"), 4);
  const DomainName name = reader.name(in(fields, "dns.winsr.name_result_domain"));
  if (!reader.ok) return;
  reader.message.info() += ' ';
  dissect::append_text(reader.message.info(), name.text());
}

void read_xpf(DnsReader& reader, u32 /*end*/) {
  const u64 first = reader.take(1);
  if (!reader.ok) return;
  reader.message.put(in(fields, "dns.xpf.ip_version"), reader.at - 1, 1, first & 15);
  reader.number(in(fields, "dns.xpf.protocol"), 1);
  if ((first & 15) == 4) {
    reader.address(in(fields, "dns.xpf.source_ipv4"), 4);
    reader.address(in(fields, "dns.xpf.destination_ipv4"), 4);
  } else if ((first & 15) == 6) {
    reader.address(in(fields, "dns.xpf.source_ipv6"), 16);
    reader.address(in(fields, "dns.xpf.destination_ipv6"), 16);
  }
  reader.number(in(fields, "dns.xpf.sport"), 2);
  reader.number(in(fields, "dns.xpf.dport"), 2);
}

}  // namespace trama::parse
