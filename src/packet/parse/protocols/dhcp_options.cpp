// Values of DHCP options: RFC 2132 and those that came after it.
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/dhcp.h"
#include "packet/parse/protocols/dhcp_fields.h"
#include "packet/parse/protocols/dns_name.h"

namespace trama::parse {
namespace {

using namespace dhcp_table;  // NOLINT: a table of fields

void put_each(Message& message, const Field& field, u32 at, u32 size, u32 unit) {
  if (size % unit != 0) return;
  for (u32 i = 0; i < size; i += unit)
    message.put(field, at + i, unit, message.number(at + i, unit));
}

void put_pairs(Message& message, const Field& first, const Field& second, u32 at, u32 size) {
  if (size % 8 != 0) return;
  for (u32 i = 0; i < size; i += 8) {
    message.put(first, at + i, 4, message.number(at + i, 4));
    message.put(second, at + i + 4, 4, message.number(at + i + 4, 4));
  }
}

// "01020304-0506-0708-090a-0b0c0d0e0f10", the first three parts little-endian.
void put_uuid(Message& message, u32 at) {
  constexpr u32 order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string text;
  for (u32 i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    dissect::append_hex(text, message.bytes(at + order[i], 1));
  }
  message.put_text(in(fields, "dhcp.client_id.uuid"), at, 16, text);
}

void put_link_layer_address(Message& message, u64 kind, u32 at, u32 size) {
  std::string text;
  for (u32 i = 0; i < size; ++i) {
    if (i > 0 && kind == 1 && size == 6) text += ':';
    dissect::append_hex(text, message.bytes(at + i, 1));
  }
  message.put_text(in(fields, "dhcp.client_id.link_layer_address"), at, size, text);
}

// RFC 4361: an interface and a DUID.
void read_duid(Message& message, u32 at, u32 size) {
  std::string interface;
  dissect::append_hex(interface, message.bytes(at + 1, 4));
  message.put_text(in(fields, "dhcp.client_id.iaid"), at + 1, 4, interface);
  if (size < 7) return;
  const u64 kind = message.put_number(in(fields, "dhcp.client_id.duid_type"), at + 5, 2);
  const u32 end = at + size;
  at += 7;
  if (kind == 1 && end - at >= 6) {
    const u64 hardware = message.put_number(in(fields, "dhcp.client_id.duid_llt_hw_type"), at, 2);
    message.put_number(in(fields, "dhcp.client_id.time"), at + 2, 4);
    if (end > at + 6) put_link_layer_address(message, hardware, at + 6, end - at - 6);
  } else if (kind == 2 && end - at >= 4) {
    message.put_number(in(fields, "dhcp.client_id.enterprise_num"), at, 4);
    if (end > at + 4) message.put_bytes(in(fields, "dhcp.client_id"), at + 4, end - at - 4);
  } else if (kind == 3 && end - at >= 2) {
    const u64 hardware = message.put_number(in(fields, "dhcp.client_id.duid_ll_hw_type"), at, 2);
    if (end > at + 2) put_link_layer_address(message, hardware, at + 2, end - at - 2);
  }
}

void read_client_id(Message& message, u32 at, u32 size) {
  if (size == 0) return;
  const u64 kind = message.number(at, 1);
  if (kind == 0 && size == 17) return put_uuid(message, at + 1);
  if (kind == 255 && size > 5) return read_duid(message, at, size);
  if (kind == 0 && size > 1) {
    message.put(in(fields, "dhcp.client_id.type"), at, 1, kind);
    message.put_ascii(in(fields, "dhcp.client_id.undef"), at + 1, size - 1);
    return;
  }
  if (size != 7 || kind == 0 || kind >= 48) return;
  message.put(in(fields, "dhcp.hw.type"), at, 1, kind);
  if (kind == 1 || kind == 6) {
    message.put(in(fields, "dhcp.hw.mac_addr"), at + 1, 6, message.number(at + 1, 6));
    return;
  }
  std::string text;
  dissect::append_hex(text, message.bytes(at + 1, 6));
  message.put_text(in(fields, "dhcp.client_hardware_address"), at + 1, 6, text);
}

bool put_name(Message& message, const Field& field, u32 from, u32 end, u32& at) {
  DomainName name;
  if (!name.read(message.bytes(from, end - from), at - from)) return false;
  std::string shown;
  dissect::append_text(shown, name.text());
  message.put_text(field, at, name.taken(), shown);
  at += name.taken();
  return true;
}

// RFC 4702: the client's name and who tells DNS.
bool read_fqdn(Message& message, u32 at, u32 size) {
  if (size < 3) return true;
  const u64 flags = message.put_number(in(fields, "dhcp.fqdn.flags"), at, 1);
  message.put(in(fields, "dhcp.fqdn.mbz"), at, 1, flags >> 4);
  message.put(in(fields, "dhcp.fqdn.n"), at, 1, flags >> 3 & 1);
  message.put(in(fields, "dhcp.fqdn.e"), at, 1, flags >> 2 & 1);
  message.put(in(fields, "dhcp.fqdn.o"), at, 1, flags >> 1 & 1);
  message.put(in(fields, "dhcp.fqdn.s"), at, 1, flags & 1);
  message.put_number(in(fields, "dhcp.fqdn.rcode1"), at + 1, 1);
  message.put_number(in(fields, "dhcp.fqdn.rcode2"), at + 2, 1);
  if (size == 3) return true;
  if ((flags & 4) == 0) {
    message.put_ascii(in(fields, "dhcp.fqdn.name"), at + 3, size - 3);
    return true;
  }
  u32 name = at + 3;
  return put_name(message, in(fields, "dhcp.fqdn.name"), at + 3, at + size, name);
}

// RFC 3046 and those after it: what a relay says about the client.
void read_relay(Message& message, u32 at, u32 end) {
  while (end - at >= 2) {
    const u64 code =
        message.put_number(in(fields, "dhcp.option.agent_information_option.suboption"), at, 1);
    const auto size =
        static_cast<u32>(message.put_number(in(fields, "dhcp.option.suboption_length"), at + 1, 1));
    at += 2;
    if (size > end - at) return;
    message.put_bytes(in(fields, "dhcp.option.agent_information_option.value"), at, size);
    const auto bytes = [&](const Field& field) { message.put_bytes(field, at, size); };
    switch (code) {
      case 1:
        bytes(in(fields, "dhcp.option.agent_information_option.agent_circuit_id"));
        break;
      case 2:
        bytes(in(fields, "dhcp.option.agent_information_option.agent_remote_id"));
        break;
      case 5:
        put_each(message, in(fields, "dhcp.option.agent_information_option.link_selection"), at,
                 size == 4 ? 4 : 0, 4);
        break;
      case 6:
        message.put_ascii(in(fields, "dhcp.option.agent_information_option.subscriber_id"), at,
                          size);
        break;
      case 11:
        put_each(message, in(fields, "dhcp.option.agent_information_option.server_id_override"), at,
                 size == 4 ? 4 : 0, 4);
        break;
      case 12:
        bytes(in(fields, "dhcp.option.agent_information_option.relay_agent_id"));
        break;
      default:
        break;
    }
    at += size;
  }
}

void read_user_class(Message& message, u32 at, u32 size) {
  if (size < 2) return;
  if (message.data[at] >= size) {  // Microsoft's: plain text
    message.put_ascii(in(fields, "dhcp.option.user_class.text"), at, size);
    return;
  }
  const u32 end = at + size;
  for (u64 count = 0; at < end; ++count) {
    const u32 length = message.data[at];
    message.put(in(fields, "dhcp.option.user_class"), at, 1, count);
    message.put(in(fields, "dhcp.option.user_class.length"), at++, 1, length);
    if (length == 0) return;
    if (length > end - at) {
      message.put_ascii(in(fields, "dhcp.option.user_class.text"), at, end - at);
      return;
    }
    message.put_bytes(in(fields, "dhcp.option.user_class.data"), at, length);
    at += length;
  }
}

// RFC 3442: routes with just the bytes of the network that the mask leaves.
void read_classless(Message& message, u32 at, u32 end) {
  if (end - at < 5) return;
  while (end > at) {
    const u32 bits = message.data[at];
    const u32 size = 1 + (bits + 7) / 8 + 4;
    if (bits > 32 || size > end - at) return;
    message.put_bytes(in(fields, "dhcp.option.classless_static_route"), at, size);
    at += size;
  }
}

bool is_pxe(std::string_view vendor) { return vendor.starts_with("PXEClient"); }

// Whose vendors' options tshark reads with a dissector of their own, known by the class.
bool is_read_elsewhere(std::string_view vendor) {
  for (const std::string_view start :
       {"pktc", "docsis", "CableHome", "AAPLBSDPC", "ArubaAP", "ArubaInstantAP"})
    if (vendor.starts_with(start)) return true;
  return false;
}

void read_vendor(Message& message, u32 at, u32 size, std::string_view vendor) {
  if (!is_pxe(vendor)) {
    if (is_read_elsewhere(vendor)) return message.path("dhcp");
    message.put_bytes(in(fields, "dhcp.option.vendor.value"), at, size);
    return;
  }
  message.path("dhcp");
  const u32 end = at + size;
  while (at < end) {
    const u64 code = message.number(at, 1);
    if (code == 255) {
      message.put(in(fields, "dhcp.option.vendor.pxeclient.end"), at, 1, code);
      return;
    }
    message.put(in(fields, "dhcp.option.vendor.pxeclient.suboption"), at, 1, code);
    if (code == 0) {
      ++at;
      continue;
    }
    if (end - at < 2) return;
    const u32 length = message.data[at + 1];
    message.put(in(fields, "dhcp.option.suboption_length"), at + 1, 1, length);
    at += 2;
    if (length > end - at) return;
    message.put_bytes(in(fields, "dhcp.option.vendor.value"), at, length);
    at += length;
  }
}

bool read_sip(Message& message, u32 at, u32 size) {
  if (size == 0) return true;
  const u32 from = at;
  const u32 end = at + size;
  const u64 encoding = message.put_number(in(fields, "dhcp.option.sip_server.encoding"), at++, 1);
  if (encoding == 1 && size >= 5)
    put_each(message, in(fields, "dhcp.option.sip_server.address"), at, size - 1, 4);
  while (encoding == 0 && size >= 3 && at < end)
    if (!put_name(message, in(fields, "dhcp.option.sip_server.name"), from + 1, end, at))
      return false;
  return true;
}

}  // namespace

bool read_dhcp_option(Message& message, u8 code, u32 at, u32 size, const DhcpContext& context) {
  const u32 end = at + size;
  for (const Option& option : options) {
    if (option.code != code) continue;
    const auto number = [&](u32 unit) {
      if (size == unit) message.put(*option.field, at, unit, message.number(at, unit));
    };
    switch (option.kind) {
      case Kind::address:
      case Kind::number4:
        number(4);
        return true;
      case Kind::signed4:
        if (size == 4)
          message.put(*option.field, at, 4,
                      static_cast<u64>(i64{static_cast<std::int32_t>(message.number(at, 4))}));
        return true;
      case Kind::addresses:
        put_each(message, *option.field, at, size, 4);
        return true;
      case Kind::text:
        message.put_ascii(*option.field, at, size);
        if (code == 60 &&
            (context.vendor.starts_with("pktc") || context.vendor.starts_with("docsis") ||
             context.vendor.starts_with("AAPLBSDPC")))
          message.path("dhcp");
        return true;
      case Kind::number2:
        number(2);
        return true;
      case Kind::flag:
        if (size == 1) message.put(*option.field, at, 1, message.data[at] != 0 ? 1 : 0);
        return true;
      case Kind::policies:
        put_pairs(message, *option.field, in(fields, "dhcp.option.policy_filter.subnet_mask"), at,
                  size);
        return true;
      case Kind::routes:
        put_pairs(message, *option.field, in(fields, "dhcp.option.static_route.router"), at, size);
        return true;
      case Kind::number1:
      case Kind::overload:
        number(1);
        return true;
      case Kind::message:
        if (size > 0) message.put(*option.field, at, 1, message.data[at]);
        return size > 0;
      case Kind::numbers1:
        put_each(message, *option.field, at, size, 1);
        return true;
      case Kind::numbers2:
        put_each(message, *option.field, at, size, 2);
        return true;
      case Kind::vendor:
        read_vendor(message, at, size, context.vendor);
        return true;
      case Kind::client_id:
        read_client_id(message, at, size);
        return true;
      case Kind::user_class:
        read_user_class(message, at, size);
        return true;
      case Kind::fqdn:
        return read_fqdn(message, at, size);
      case Kind::relay:
        read_relay(message, at, end);
        return true;
      case Kind::interface:
        if (size < 3 || message.data[at] != 1) return true;
        message.put_number(in(fields, "dhcp.client_network_id_major"), at + 1, 1);
        message.put_number(in(fields, "dhcp.client_network_id_minor"), at + 2, 1);
        return true;
      case Kind::uuid:
        if (size == 17) put_uuid(message, at + 1);
        return true;
      case Kind::search: {
        const u32 from = at;
        while (at < end)
          if (!put_name(message, in(fields, "dhcp.option.dhcp_dns_domain_search_list_fqdn"), from,
                        end, at))
            return true;
        return true;
      }
      case Kind::sip:
        return read_sip(message, at, size);
      case Kind::classless:
        read_classless(message, at, end);
        return true;
      case Kind::vendor_class:
        for (; size >= 5 && end - at >= 5;) {
          message.put_number(in(fields, "dhcp.option.vi_class.enterprise"), at, 4);
          const auto length = static_cast<u32>(
              message.put_number(in(fields, "dhcp.option.vi_class.length"), at + 4, 1));
          at += 5;
          if (length > end - at) return true;
          message.put_ascii(in(fields, "dhcp.option.vi_class.data"), at, length);
          at += length;
        }
        return true;
      case Kind::vendor_information:
        if (size < 5) return true;
        message.put_number(in(fields, "dhcp.option.vi.enterprise"), at, 4);
        message.put_number(in(fields, "dhcp.option.vi.length"), at + 4, 1);
        return true;
    }
  }
  return true;
}

}  // namespace trama::parse
