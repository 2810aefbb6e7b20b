// IP and what of UDP its header alone tells.
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Layer;

std::string_view protocol_name(u64 protocol) {
  return name_in(ip_protocol_names, protocol, protocol < 225 ? "Unassigned" : "Unknown");
}

bool carries_data(const LayerRows& rows) {
  return rows.inner() != nullptr && rows.inner()->header == &data;
}

void say_ip(Column& column, const LayerRows& rows) {
  column.protocol("IPv4");
  column.info("");
  const dissect::Row* version = rows.find(in(ip_fields, "ip.version"));
  if (version == nullptr || version->value == 6) return;
  const u64 header = rows.number(in(ip_fields, "ip.hdr_len"));
  const u64 total = rows.number(in(ip_fields, "ip.len"));
  if (rows.layer().malformed) {
    if (version->value != 4)
      column.info("Bogus IPv4 version ({}, must be 4)", version->value);
    else if (header < 20)
      column.info("Bogus IP header length ({}, must be at least 20)", header);
    else if (total < header)
      column.info("Bogus IP length ({}, less than header length {})", total, header);
    return;
  }
  if (!carries_data(rows)) return;
  const u64 protocol = rows.number(in(ip_fields, "ip.proto"));
  const u64 offset = rows.number(in(ip_fields, "ip.frag_offset"));
  if (offset != 0 || rows.number(in(ip_fields, "ip.flags.mf")) != 0)
    column.info("Fragmented IP protocol (proto={} {}, off={}, ID={:04x})", protocol_name(protocol),
                protocol, offset * 8, rows.number(in(ip_fields, "ip.id")));
  else
    column.info("{} ({})", protocol_name(protocol), protocol);
}

void say_next(Column& column, const LayerRows& rows, const Field& next) {
  if (rows.find(next) == nullptr) return;
  const u64 protocol = rows.number(next);
  if (protocol == 59)
    column.info("IPv6 no next header");
  else if (carries_data(rows))
    column.info("Unknown IP Protocol: {} ({})", protocol_name(protocol), protocol);
}

void say_ipv6(Column& column, const LayerRows& rows) {
  column.protocol("IPv6");
  column.info("");
  const dissect::Row* version = rows.find(in(ipv6_fields, "ipv6.version"));
  if (version == nullptr) return;
  const Layer& layer = rows.layer();
  if (version->value != 6) {
    const auto layers = rows.tree().layers();
    const bool after_type = layers[rows.index() - 1].header->space == Space::ethertype;
    if (!after_type) column.info("Bogus IPv6 version ({}, must be 6)", version->value);
    return;
  }
  if (layer.cut && layer.length_on_wire <= layer.length)
    return column.info("Invalid IPv6 header ({} bytes, need exactly 40)", layer.length);
  say_next(column, rows, in(ipv6_fields, "ipv6.nxt"));
}

void say_fragment(Column& column, const LayerRows& rows) {
  const auto number = [&](std::string_view word) {
    return rows.number(*field_of(ipv6_fraghdr, word));
  };
  column.info("IPv6 fragment (off={} more={} ident=0x{:08x} nxt={})",
              number("ipv6.fraghdr.offset") * 8, number("ipv6.fraghdr.more") != 0 ? 'y' : 'n',
              number("ipv6.fraghdr.ident"), number("ipv6.fraghdr.nxt"));
}

void say_udp(Column& column, const LayerRows& rows) {
  const dissect::Row* to = rows.find(in(udp_fields, "udp.dstport"));
  if (to == nullptr) return;
  const Layer& layer = rows.layer();
  column.protocol("UDP");
  column.info("{} → {}", rows.number(in(udp_fields, "udp.srcport")), to->value);
  const dissect::Row* told = rows.find(in(udp_fields, "udp.length"));
  if (told == nullptr) return;
  if (layer.malformed) return column.more(" [BAD UDP LENGTH {} < 8]", told->value);
  if (told->value > layer.length_on_wire)
    column.more(" [BAD UDP LENGTH {} > IP PAYLOAD LENGTH]", told->value);
  const bool jumbogram = told->value == 0;
  column.more(" Len={}", (jumbogram ? u64{layer.length_on_wire} : told->value) - 8);
  if (jumbogram) column.more(" [Jumbogram]");
  if (rows.number(in(udp_found, "udp.checksum.status")) == checksum_illegal)
    column.more(" [ILLEGAL CHECKSUM (0)]");
}

// The chunks' names, one behind the other.
void say_sctp(Column& column, const LayerRows& rows) {
  const dissect::Layer& layer = rows.layer();
  column.protocol("SCTP");
  column.info("{}", "");
  bool first = true;
  for (const dissect::Row& row : rows.tree().rows().subspan(layer.first_row, layer.rows)) {
    if (row.field != &in(sctp_found, "sctp.chunk_type")) continue;
    column.more("{}{}", first ? "" : ", ", name_in(sctp_chunk_names, row.value, "unknown chunk"));
    first = false;
  }
}

}  // namespace

bool say_network(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &ip) {
    say_ip(column, rows);
  } else if (header == &ipv6) {
    say_ipv6(column, rows);
  } else if (header == &ipv6_hopopts) {
    column.info("IPv6 hop-by-hop options");
    say_next(column, rows, in(ipv6_hopopts_fields, "ipv6.hopopts.nxt"));
  } else if (header == &ipv6_dstopts) {
    column.info("IPv6 destination options");
    say_next(column, rows, in(ipv6_dstopts_fields, "ipv6.dstopts.nxt"));
  } else if (header == &ipv6_routing) {
    column.info("IPv6 routing");
    say_next(column, rows, in(ipv6_routing_fields, "ipv6.routing.nxt"));
  } else if (header == &ipv6_fraghdr) {
    say_fragment(column, rows);
  } else if (header == &udp) {
    say_udp(column, rows);
  } else if (header == &sctp) {
    say_sctp(column, rows);
  } else if (header == &tcp) {  // its ports are all that a short one tells
    const dissect::Row* to = rows.find(in(tcp_fields, "tcp.dstport"));
    if (to == nullptr) return true;
    column.protocol("TCP");
    column.info("{} → {}", rows.number(in(tcp_fields, "tcp.srcport")), to->value);
  } else {
    return false;
  }
  return true;
}

}  // namespace trama::output
