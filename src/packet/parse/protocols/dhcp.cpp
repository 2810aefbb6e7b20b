// Dynamic Host Configuration Protocol (RFC 2131, options RFC 2132) and the BOOTP below it (RFC
// 951).
#include "packet/parse/protocols/dhcp.h"

#include <fmt/format.h>

#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/dhcp_fields.h"

namespace trama::parse {
namespace {

using namespace dhcp_table;  // NOLINT: a table of fields

constexpr u32 hardware_address_at = 28;
constexpr u32 server_at = 44;
constexpr u32 server_size = 64;
constexpr u32 file_at = 108;
constexpr u32 file_size = 128;
constexpr u32 cookie_at = 236;
constexpr u64 magic_cookie = 0x63825363;
constexpr u16 proxy_port = 4011;

// What must be known before the first row: they stand among the options.
struct Ahead {
  bool has_type = false;
  u64 type = 0;
  u64 overload = 0;
  std::string_view vendor;
};

Ahead look_ahead(const Message& message) {
  Ahead ahead;
  if (!message.whole(cookie_at, 4) || message.number(cookie_at, 4) != magic_cookie) return ahead;
  u32 at = cookie_at + 4;
  while (message.whole(at, 1)) {
    const u8 code = message.data[at++];
    if (code == 0) continue;
    if (code == 255 || !message.whole(at, 1)) break;
    const u32 size = message.data[at++];
    const bool first = message.whole(at, 1);
    if (code == 53 && first) {
      ahead.has_type = true;
      ahead.type = size == 0 ? 255 : message.data[at];
    }
    if (code == 52 && first && size > 0) ahead.overload = message.data[at];
    if (code == 60 && message.whole(at, size)) ahead.vendor = message.text(at, size);
    at += size;
  }
  return ahead;
}

void append_hardware(std::string& info, const Message& message, u64 kind, u32 size) {
  if (size == 0) {
    info += "<No address>";
    return;
  }
  const Bytes address = message.bytes(hardware_address_at, size);
  if (size != 6 || (kind != 1 && kind != 6)) return dissect::append_hex(info, address);
  const u64 number = message.number(hardware_address_at, 6);
  dissect::append_ether(info, number);
  info += " (";
  dissect::append_ether(info, number);
  info += ')';
}

void tell(Message& message, const Ahead& ahead) {
  const u64 type = message.number(0, 1);
  const u32 size = message.data[2];
  std::string& info = message.info();
  info.clear();
  if (!ahead.has_type) {
    if (type == 1) {
      info = "Boot Request from ";
      append_hardware(info, message, message.data[1], size);
    } else if (type == 2) {
      info = "Boot Reply";
    } else {
      fmt::format_to(std::back_inserter(info), "Unknown BOOTP message type ({})", type);
    }
    return;
  }
  std::string_view name;
  for (const Name& row : message_names)
    if (row.value == ahead.type) name = row.text;
  const Around& around = message.around;
  info = around.from_port == proxy_port || around.to_port == proxy_port ? "proxyDHCP " : "DHCP ";
  if (name.empty())
    fmt::format_to(std::back_inserter(info), "Unknown Message Type (0x{:02x})", ahead.type);
  else
    fmt::format_to(std::back_inserter(info), "{:<8}", name);
  fmt::format_to(std::back_inserter(info), " - Transaction ID 0x{:x}", message.number(4, 4));
}

void put_hardware_address(Message& message) {
  const u64 kind = message.data[1];
  const u32 size = message.data[2];
  if (size == 0 || size > 16) return;
  const bool mac = size == 6 && (kind == 1 || kind == 6);
  if (mac)
    message.put(in(fields, "dhcp.hw.mac_addr"), hardware_address_at, 6,
                message.number(hardware_address_at, 6));
  if (!message.whole(hardware_address_at, 16)) return;
  if (!mac) message.put_bytes(in(fields, "dhcp.hw.addr"), hardware_address_at, 16);
  if (size < 16)
    message.put_bytes(in(fields, "dhcp.hw.addr_padding"), hardware_address_at + size, 16 - size);
}

// The options in [at, end); true where their end is marked.
bool read_options(Message& message, u32 at, u32 end, const DhcpContext& context) {
  while (at < end) {
    const u32 start = at;
    const u8 code = message.data[at++];
    if (code == 0) {
      while (at < end && message.data[at] == 0) ++at;
      message.put(in(fields, "dhcp.option.type"), start, 1, 0);
      message.put_bytes(in(fields, "dhcp.option.padding"), start, at - start);
      continue;
    }
    if (code == 255) {
      message.put(in(fields, "dhcp.option.type"), start, 1, 0);
      message.put(in(fields, "dhcp.option.end"), start, 1, 255);
      if (at < end && context.outer)
        message.put_bytes(in(fields, "dhcp.option.padding"), at, end - at);
      return true;
    }
    if (at >= end) return false;
    message.put(in(fields, "dhcp.option.type"), start, 1, code);
    const u32 size = message.data[at];
    message.put(in(fields, "dhcp.option.length"), at++, 1, size);
    if (size > end - at) return false;
    message.put_bytes(in(fields, "dhcp.option.value"), at, size);
    if (code == 52 && size > 0 && context.outer) {
      const u64 overload = message.number(at, 1);
      message.put(in(fields, "dhcp.option.option_overload"), at, 1, overload);
      const DhcpContext inner{false, context.vendor};
      if ((overload & 2) != 0) read_options(message, server_at, server_at + server_size, inner);
      if ((overload & 1) != 0) read_options(message, file_at, file_at + file_size, inner);
    } else if (!read_dhcp_option(message, code, at, size, context)) {
      return false;
    }
    at += size;
  }
  return true;
}

void read_rest(Message& message, const Ahead& ahead) {
  const auto number = [&](const Field& field, u32 at, u32 size) {
    if (!message.whole(at, size)) return;
    message.put(field, at, size, message.number(at, size));
  };
  number(in(fields, "dhcp.type"), 0, 1);
  number(in(fields, "dhcp.hw.type"), 1, 1);
  number(in(fields, "dhcp.hw.len"), 2, 1);
  number(in(fields, "dhcp.hops"), 3, 1);
  number(in(fields, "dhcp.id"), 4, 4);
  number(in(fields, "dhcp.secs"), 8, 2);
  const u64 flags = message.put_number(in(fields, "dhcp.flags"), 10, 2);
  message.put(in(fields, "dhcp.flags.bc"), 10, 2, flags >> 15);
  message.put(in(fields, "dhcp.flags.reserved"), 10, 2, flags & 0x7fff);
  number(in(fields, "dhcp.ip.client"), 12, 4);
  number(in(fields, "dhcp.ip.your"), 16, 4);
  number(in(fields, "dhcp.ip.server"), 20, 4);
  number(in(fields, "dhcp.ip.relay"), 24, 4);
  put_hardware_address(message);
  if (!message.whole(server_at, server_size)) return message.malformed();
  if ((ahead.overload & 2) == 0)
    message.put_ascii(in(fields, "dhcp.server"), server_at, server_size);
  if (!message.whole(file_at, file_size)) return message.malformed();
  if ((ahead.overload & 1) == 0) message.put_ascii(in(fields, "dhcp.file"), file_at, file_size);
  if (!ahead.has_type) message.put_found(in(fields, "dhcp.bootp"), 1);
  u32 at = cookie_at;
  if (message.whole(at, 4) && message.number(at, 4) == magic_cookie) {
    number(in(fields, "dhcp.cookie"), at, 4);
    at += 4;
  } else if (message.whole(at, 64)) {
    message.put_bytes(in(fields, "dhcp.vendor_specific_options"), at, 64);
    at += 64;
  } else {
    return message.malformed();
  }
  if (!read_options(message, at, message.captured, {true, ahead.vendor}) ||
      message.captured < message.length)
    message.malformed();
}

bool read_dhcp(Message& message) {
  message.enter(dhcp.header);
  message.protocol("BOOTP");
  message.info().clear();
  const u32 size = message.whole(0, 3) ? message.data[2] : 0;
  if (!message.whole(0, hardware_address_at) || !message.whole(hardware_address_at, size)) {
    message.malformed();
    return true;
  }
  const Ahead ahead = look_ahead(message);
  if (ahead.has_type) message.protocol("DHCP");
  tell(message, ahead);
  read_rest(message, ahead);
  return true;
}

constexpr u16 ports[] = {67, 68, proxy_port};

}  // namespace

const Parser dhcp{
    .header = {.word = "dhcp",
               .name = "Dynamic Host Configuration Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .udp_ports = ports,
    .read = read_dhcp
};

}  // namespace trama::parse
