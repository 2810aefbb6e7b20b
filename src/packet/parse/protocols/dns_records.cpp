// The data of DNS records: each kind is a row that lists its parts in order; what a list cannot say
// is a function of dns_records_special.cpp. What the list of packets shows of a record: its parts
// that are `told`, or the owner's name, or nothing.
#include <charconv>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "packet/parse/protocols/dns.h"
#include "packet/parse/protocols/dns_fields.h"
#include "packet/parse/protocols/dns_special.h"

namespace trama::parse {
namespace {

using namespace dns_table;  // NOLINT: a table of fields

enum class Kind : u8 {
  number1,
  number2,
  number4,
  name,
  ipv4,
  ipv6,
  ether,
  eui64,
  rest,
  text,
  counted,
  time
};

struct Part {
  Kind kind;
  const Field* field;
  const Field* length = nullptr;  // of counted: the byte before the text
  bool told = false;
};

enum class Tells : u8 { nothing, owner, parts };

struct Record {
  u16 type;
  Tells tells;
  std::span<const Part> list;
  void (*read)(DnsReader&, u32 end) = nullptr;  // what follows them
};

#define FIELD(word) &in(fields, "dns." word)
#define PARTS(name, ...) constexpr Part name##_parts[] = {__VA_ARGS__}

consteval Part told(Part part) {
  part.told = true;
  return part;
}
consteval Part counted(const Field* length, const Field* text) {
  return {Kind::counted, text, length};
}

PARTS(a, told({Kind::ipv4, FIELD("a")}));
PARTS(ns, told({Kind::name, FIELD("ns")}));
PARTS(md, {Kind::name, FIELD("md")});
PARTS(mf, {Kind::name, FIELD("mf")});
PARTS(cname, told({Kind::name, FIELD("cname")}));
PARTS(soa, told({Kind::name, FIELD("soa.mname")}), {Kind::name, FIELD("soa.rname")},
      {Kind::number4, FIELD("soa.serial_number")}, {Kind::number4, FIELD("soa.refresh_interval")},
      {Kind::number4, FIELD("soa.retry_interval")}, {Kind::number4, FIELD("soa.expire_limit")},
      {Kind::number4, FIELD("soa.minimum_ttl")});
PARTS(mb, {Kind::name, FIELD("mb")});
PARTS(mg, {Kind::name, FIELD("mg")});
PARTS(mr, {Kind::name, FIELD("mr")});
PARTS(null, {Kind::rest, FIELD("null")});
PARTS(wks, told({Kind::ipv4, FIELD("wks.address")}), {Kind::number1, FIELD("wks.protocol")});
PARTS(ptr, told({Kind::name, FIELD("ptr.domain_name")}));
PARTS(hinfo, told(counted(FIELD("hinfo.cpu_length"), FIELD("hinfo.cpu"))),
      told(counted(FIELD("hinfo.os_length"), FIELD("hinfo.os"))));
PARTS(minfo, {Kind::name, FIELD("minfo.r")}, {Kind::name, FIELD("minfo.e")});
PARTS(mx, told({Kind::number2, FIELD("mx.preference")}),
      told({Kind::name, FIELD("mx.mail_exchange")}));
PARTS(rp, {Kind::name, FIELD("rp.mailbox")}, {Kind::name, FIELD("rp.txt_rr")});
PARTS(afsdb, {Kind::number2, FIELD("afsdb.subtype")}, {Kind::name, FIELD("afsdb.hostname")});
PARTS(x25, counted(FIELD("x25.length"), FIELD("x25.psdn_address")));
PARTS(isdn, counted(FIELD("idsn.length"), FIELD("idsn.address")));
PARTS(rt, {Kind::number2, FIELD("rt.subtype")}, {Kind::name, FIELD("rt.intermediate_host")});
PARTS(nsap, {Kind::rest, FIELD("nsap.rdata")});
PARTS(nsap_ptr, {Kind::name, FIELD("nsap_ptr.owner")});
PARTS(rrsig, {Kind::number2, FIELD("rrsig.type_covered")},
      {Kind::number1, FIELD("rrsig.algorithm")}, {Kind::number1, FIELD("rrsig.labels")},
      {Kind::number4, FIELD("rrsig.original_ttl")},
      {Kind::time, FIELD("rrsig.signature_expiration")},
      {Kind::time, FIELD("rrsig.signature_inception")}, {Kind::number2, FIELD("rrsig.key_tag")},
      {Kind::name, FIELD("rrsig.signers_name")}, {Kind::rest, FIELD("rrsig.signature")});
PARTS(px, {Kind::number2, FIELD("px.preference")}, {Kind::name, FIELD("px.map822")},
      {Kind::name, FIELD("px.map400")});
PARTS(gpos, counted(FIELD("gpos.longitude_length"), FIELD("gpos.longitude")),
      counted(FIELD("gpos.latitude_length"), FIELD("gpos.latitude")),
      counted(FIELD("gpos.altitude_length"), FIELD("gpos.altitude")));
PARTS(aaaa, told({Kind::ipv6, FIELD("aaaa")}));
PARTS(nxt, told({Kind::name, FIELD("nxt.next_domain_name")}));
PARTS(srv, told({Kind::number2, FIELD("srv.priority")}), told({Kind::number2, FIELD("srv.weight")}),
      told({Kind::number2, FIELD("srv.port")}), told({Kind::name, FIELD("srv.target")}));
PARTS(naptr, told({Kind::number2, FIELD("naptr.order")}),
      told({Kind::number2, FIELD("naptr.preference")}),
      told(counted(FIELD("naptr.flags_length"), FIELD("naptr.flags"))),
      counted(FIELD("naptr.service_length"), FIELD("naptr.service")),
      counted(FIELD("naptr.regex_length"), FIELD("naptr.regex")));
PARTS(kx, told({Kind::number2, FIELD("kx.preference")}),
      told({Kind::name, FIELD("kx.key_exchange")}));
PARTS(cert, {Kind::number2, FIELD("cert.type")}, {Kind::number2, FIELD("cert.key_tag")},
      {Kind::number1, FIELD("cert.algorithm")}, {Kind::rest, FIELD("cert.certificate")});
PARTS(dname, told({Kind::name, FIELD("dname")}));
PARTS(ds, {Kind::number2, FIELD("ds.key_id")}, {Kind::number1, FIELD("ds.algorithm")},
      {Kind::number1, FIELD("ds.digest_type")}, {Kind::rest, FIELD("ds.digest")});
PARTS(sshfp, {Kind::number1, FIELD("sshfp.algorithm")},
      {Kind::number1, FIELD("sshfp.fingerprint.type")}, {Kind::rest, FIELD("sshfp.fingerprint")});
PARTS(nsec, told({Kind::name, FIELD("nsec.next_domain_name")}));
PARTS(dhcid, {Kind::rest, FIELD("dhcid.rdata")});
PARTS(tlsa, {Kind::number1, FIELD("tlsa.certificate_usage")},
      {Kind::number1, FIELD("tlsa.selector")}, {Kind::number1, FIELD("tlsa.matching_type")},
      {Kind::rest, FIELD("tlsa.certificate_association_data")});
PARTS(openpgpkey, {Kind::text, FIELD("openpgpkey")});
PARTS(zonemd, {Kind::number4, FIELD("zonemd.serial")}, {Kind::number1, FIELD("zonemd.scheme")},
      {Kind::number1, FIELD("zonemd.hash_algo")}, {Kind::rest, FIELD("zonemd.digest")});
PARTS(svcb, {Kind::number2, FIELD("svcb.svcpriority")}, {Kind::name, FIELD("svcb.targetname")});
PARTS(nid, {Kind::number2, FIELD("ilnp.nid.preference")}, {Kind::rest, FIELD("ilnp.nid")});
PARTS(l32, {Kind::number2, FIELD("ilnp.l32.preference")}, {Kind::ipv4, FIELD("ilnp.l32")});
PARTS(l64, {Kind::number2, FIELD("ilnp.l64.preference")}, {Kind::rest, FIELD("ilnp.l64")});
PARTS(lp, {Kind::number2, FIELD("ilnp.lp.preference")}, {Kind::name, FIELD("ilnp.lp")});
PARTS(eui48, {Kind::ether, FIELD("eui48")});
PARTS(eui64, {Kind::eui64, FIELD("eui64")});

#undef PARTS
#undef FIELD

using enum Tells;
constexpr Record records[] = {
    {1,     parts,   a_parts,          nullptr                },
    {2,     parts,   ns_parts,         nullptr                },
    {3,     owner,   md_parts,         nullptr                },
    {4,     owner,   mf_parts,         nullptr                },
    {5,     parts,   cname_parts,      nullptr                },
    {6,     parts,   soa_parts,        nullptr                },
    {7,     owner,   mb_parts,         nullptr                },
    {8,     owner,   mg_parts,         nullptr                },
    {9,     owner,   mr_parts,         nullptr                },
    {10,    owner,   null_parts,       nullptr                },
    {11,    parts,   wks_parts,        read_wks_ports         },
    {12,    parts,   ptr_parts,        nullptr                },
    {13,    parts,   hinfo_parts,      nullptr                },
    {14,    owner,   minfo_parts,      nullptr                },
    {15,    parts,   mx_parts,         nullptr                },
    {16,    nothing, {},               read_txt               },
    {17,    owner,   rp_parts,         nullptr                },
    {18,    owner,   afsdb_parts,      nullptr                },
    {19,    owner,   x25_parts,        nullptr                },
    {20,    owner,   isdn_parts,       read_isdn_subaddress   },
    {21,    owner,   rt_parts,         nullptr                },
    {22,    owner,   nsap_parts,       nullptr                },
    {23,    owner,   nsap_ptr_parts,   nullptr                },
    {24,    nothing, rrsig_parts,      nullptr                },
    {25,    nothing, {},               read_key               },
    {26,    owner,   px_parts,         nullptr                },
    {27,    owner,   gpos_parts,       nullptr                },
    {28,    parts,   aaaa_parts,       nullptr                },
    {29,    nothing, {},               read_loc               },
    {30,    parts,   nxt_parts,        read_nxt_bitmap        },
    {33,    parts,   srv_parts,        nullptr                },
    {35,    parts,   naptr_parts,      read_naptr_replacement },
    {36,    parts,   kx_parts,         nullptr                },
    {37,    nothing, cert_parts,       nullptr                },
    {38,    nothing, {},               read_a6                },
    {39,    parts,   dname_parts,      nullptr                },
    {41,    nothing, {},               read_edns_options      },
    {42,    owner,   {},               read_apl               },
    {43,    nothing, ds_parts,         nullptr                },
    {44,    nothing, sshfp_parts,      nullptr                },
    {45,    nothing, {},               read_ipseckey          },
    {46,    nothing, rrsig_parts,      nullptr                },
    {47,    parts,   nsec_parts,       read_type_bitmap       },
    {48,    nothing, {},               read_dnskey            },
    {49,    owner,   dhcid_parts,      nullptr                },
    {50,    nothing, {},               read_nsec3             },
    {51,    owner,   {},               read_nsec3_parameters  },
    {52,    owner,   tlsa_parts,       nullptr                },
    {55,    owner,   {},               read_hip               },
    {59,    nothing, ds_parts,         nullptr                },
    {60,    nothing, {},               read_dnskey            },
    {61,    nothing, openpgpkey_parts, nullptr                },
    {62,    nothing, {},               read_csync             },
    {63,    nothing, zonemd_parts,     nullptr                },
    {64,    nothing, svcb_parts,       read_service_parameters},
    {65,    nothing, svcb_parts,       read_service_parameters},
    {99,    nothing, {},               read_spf               },
    {104,   nothing, nid_parts,        nullptr                },
    {105,   nothing, l32_parts,        nullptr                },
    {106,   nothing, l64_parts,        nullptr                },
    {107,   nothing, lp_parts,         nullptr                },
    {108,   nothing, eui48_parts,      nullptr                },
    {109,   nothing, eui64_parts,      nullptr                },
    {249,   nothing, {},               read_tkey              },
    {250,   nothing, {},               read_tsig              },
    {257,   nothing, {},               read_caa               },
    {32769, nothing, ds_parts,         nullptr                },
    {65281, nothing, {},               read_wins              },
    {65282, nothing, {},               read_wins_reverse      },
    {65422, nothing, {},               read_xpf               },
};

void append_number(std::string& text, u64 value) {
  char digits[20];
  text += ' ';
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// Reads one part; appends it to `shown` where it is told.
void read_part(DnsReader& reader, const Part& part, u32 end, std::string& shown) {
  Message& message = reader.message;
  const u32 rest = end > reader.at ? end - reader.at : 0;
  const u32 at = reader.at;
  const auto number = [&](u32 size) {
    const u64 value = reader.number(*part.field, size);
    if (part.told && reader.ok) append_number(shown, value);
  };
  switch (part.kind) {
    case Kind::number1:
      return number(1);
    case Kind::number2:
      return number(2);
    case Kind::number4:
      return number(4);
    case Kind::name: {
      const DomainName name = reader.name(*part.field);
      if (!part.told || !reader.ok) return;
      shown += ' ';
      return dissect::append_text(shown, name.text());
    }
    case Kind::ipv4:
      if (!reader.has(4)) return;
      reader.address(*part.field, 4);
      if (!part.told) return;
      shown += ' ';
      return dissect::append_ipv4(shown, static_cast<u32>(message.number(at, 4)));
    case Kind::ipv6:
      if (!reader.has(16)) return;
      reader.address(*part.field, 16);
      if (part.told) shown.append(" ").append(to_string(address_of(message.bytes(at, 16))));
      return;
    case Kind::ether:
      reader.number(*part.field, 6);
      return;
    case Kind::eui64: {
      if (!reader.has(8)) return;
      std::string text;
      for (u32 i = 0; i < 8; ++i) {
        if (i > 0) text += ':';
        dissect::append_hex(text, message.bytes(at + i, 1));
      }
      message.put_text(*part.field, at, 8, text);
      reader.at += 8;
      return;
    }
    case Kind::rest:
      return reader.bytes(*part.field, rest);
    case Kind::text:
      return reader.text(*part.field, rest);
    case Kind::time:
      return reader.moment(*part.field, 4);
    case Kind::counted: {
      const u64 size = reader.number(*part.length, 1);
      if (!reader.has(size)) return;
      if (part.told) {
        shown += ' ';
        dissect::append_text(shown, message.text(reader.at, static_cast<u32>(size)));
      }
      return reader.text(*part.field, size);
    }
  }
}

}  // namespace

void append_type(std::string& text, u16 type) {
  for (const Name& name : type_names)
    if (name.value == type) {
      text += name.text;
      return;
    }
  text += "Unknown (";
  text += std::to_string(type);
  text += ')';
}

void read_record_data(DnsReader& reader, u16 type, u32 size, std::string_view owner) {
  if (size == 0) return;
  const u32 end = reader.at + size;
  std::string& info = reader.message.info();
  for (const Record& record : records) {
    if (record.type != type) continue;
    if (record.tells == Tells::owner) {
      info += ' ';
      dissect::append_text(info, owner);
    }
    const std::size_t before = info.size();
    for (const Part& part : record.list) read_part(reader, part, end, info);
    if (!reader.ok) info.resize(before);
    if (record.read != nullptr && reader.ok) record.read(reader, end);
    return;
  }
  reader.bytes(in(fields, "dns.data"), size);
}

}  // namespace trama::parse
