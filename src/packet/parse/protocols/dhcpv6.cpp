// Dynamic Host Configuration Protocol for IPv6 (RFC 8415): messages, relayed ones, and the options
// that carry addresses and name servers.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/address.h"
#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr Name message_names[] = {
    {1, "Solicit"}, {2, "Advertise"}, {3, "Request"}, {4, "Confirm"}, {5, "Renew"}, {6, "Rebind"},
    {7, "Reply"}, {8, "Release"}, {9, "Decline"}, {10, "Reconfigure"}, {11, "Information-request"},
    {12, "Relay-forw"}, {13, "Relay-reply"}, {14, "Leasequery"}, {15, "Leasequery-reply"},
    {16, "Leasequery-done"}, {17, "Leasequery-data"}, {18, "Reconfigure-request"},
    {19, "Reconfigure-reply"},
};
constexpr Name option_names[] = {
    {1, "Client Identifier"}, {2, "Server Identifier"},
    {3, "Identity Association for Non-temporary Address"},
    {4, "Identity Association for Temporary Address"}, {5, "IA Address"}, {6, "Option Request"},
    {7, "Preference"}, {8, "Elapsed time"}, {9, "Relay Message"}, {11, "Authentication"},
    {12, "Server unicast"}, {13, "Status code"}, {14, "Rapid Commit"}, {15, "User Class"},
    {16, "Vendor Class"}, {17, "Vendor-specific Information"}, {18, "Interface-Id"},
    {19, "Reconfigure Message"}, {20, "Reconfigure Accept"},
    {23, "DNS recursive name server"}, {24, "Domain Search List"},
    {25, "Identity Association for Prefix Delegation"}, {26, "IA Prefix"},
    {31, "Simple Network Time Protocol Server"}, {32, "Lifetime"}, {37, "Remote Identifier"},
    {38, "Subscriber Identifier"}, {39, "Client Fully Qualified Domain Name"},
};

constexpr auto fields = std::to_array<Field>({
    named(message_names, {"dhcpv6.msgtype", 0, Show::dec, N_("kind of message")}),
    {"dhcpv6.hopcount", 0, Show::dec, N_("how many relays passed it on")},
    {"dhcpv6.linkaddr", 0, Show::ipv6, N_("address that names the client's link")},
    {"dhcpv6.peeraddr", 0, Show::ipv6, N_("from whom the relay has it")},
    {"dhcpv6.xid", 0, Show::hex6, N_("pairs question and answer")},
    {"dhcpv6.option.type_str", 0, Show::text, N_("kind of option in words")},
    named(option_names, {"dhcpv6.option.type", 0, Show::dec, N_("kind of option")}),
    {"dhcpv6.option.length", 0, Show::dec, N_("bytes of the option")},
    {"dhcpv6.duid.bytes", 0, Show::bytes, N_("name of the host, for ever the same")},
    {"dhcpv6.duid.type", 0, Show::dec, N_("how that name is made")},
    {"dhcpv6.iaid", 0, Show::text, N_("number of the group of addresses")},
    {"dhcpv6.iaid.t1", 0, Show::dec, N_("seconds after which to ask the same server again")},
    {"dhcpv6.iaid.t2", 0, Show::dec, N_("seconds after which to ask any server")},
    {"dhcpv6.iata", 0, Show::text, N_("number of the group of addresses")},
    {"dhcpv6.iaaddr.ip", 0, Show::ipv6, N_("address that the client gets")},
    {"dhcpv6.iaaddr.pref_lifetime", 0, Show::dec, N_("seconds that it is liked")},
    {"dhcpv6.iaaddr.valid_lifetime", 0, Show::dec, N_("seconds that it holds")},
    {"dhcpv6.iaprefix.pref_lifetime", 0, Show::dec, N_("seconds that it is liked")},
    {"dhcpv6.iaprefix.valid_lifetime", 0, Show::dec, N_("seconds that it holds")},
    {"dhcpv6.iaprefix.pref_len", 0, Show::dec, N_("bits of the network's address")},
    {"dhcpv6.iaprefix.pref_addr", 0, Show::ipv6, N_("network that the client gets")},
    named(option_names, {"dhcpv6.requested_option_code", 0, Show::dec, N_("option that the client wants")}),
    {"dhcpv6.option_preference", 0, Show::dec, N_("how much the server is liked")},
    {"dhcpv6.elapsed_time", 0, Show::dec, N_("hundredths of a second since the client began")},
    {"dhcpv6.status_code", 0, Show::dec, N_("how it went")},
    {"dhcpv6.status_msg", 0, Show::text, N_("the same in words")},
    {"dhcpv6.interface_id", 0, Show::bytes, N_("name of the relay's interface")},
    {"dhcpv6.dns_server", 0, Show::ipv6, N_("a name server")},
});
// clang-format on

enum Option : u64 {
  client_id = 1,
  server_id,
  ia_na,
  ia_ta,
  ia_address,
  option_request,
  preference,
  elapsed,
  relayed,
  status = 13,
  interface_id = 18,
  name_servers = 23,
  ia_pd = 25,
  ia_prefix
};
constexpr unsigned deepest = 8;

bool read_message(Message& message, u32 at, u32 end, unsigned depth);
void read_options(Message& message, u32 at, u32 end, unsigned depth);

void read_duid(Message& message, u32 at, u32 size, bool tells) {
  message.put_bytes(in(fields, "dhcpv6.duid.bytes"), at, size);
  if (size >= 2) message.put(in(fields, "dhcpv6.duid.type"), at, 2, message.number(at, 2));
  if (!tells || size < 2) return;
  auto& info = message.info();
  info += "CID: ";
  for (const u8 byte : message.bytes(at, size))
    fmt::format_to(std::back_inserter(info), "{:02x}", byte);
  info += ' ';
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const u8 byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

void read_option(Message& message, u64 type, u32 at, u32 size, unsigned depth) {
  Reader reader{message, at, at + size};
  const auto inside = [&] {
    if (reader.good()) read_options(message, reader.at(), at + size, depth);
  };
  const auto group = [&](const Field& field) {
    if (reader.skip(4)) message.put_text(field, at, 4, hex(message.bytes(at, 4)));
  };
  switch (type) {
    case client_id:
    case server_id:
      return read_duid(message, at, size, type == client_id);
    case ia_na:
    case ia_pd:
      group(in(fields, "dhcpv6.iaid"));
      reader.number(in(fields, "dhcpv6.iaid.t1"), 4);
      reader.number(in(fields, "dhcpv6.iaid.t2"), 4);
      return inside();
    case ia_ta:
      group(in(fields, "dhcpv6.iata"));
      return inside();
    case ia_address:
      if (size >= 24)
        message.info().append("IAA: ").append(to_string(address_of(message.bytes(at, 16)))) += ' ';
      reader.bytes(in(fields, "dhcpv6.iaaddr.ip"), 16);
      reader.number(in(fields, "dhcpv6.iaaddr.pref_lifetime"), 4);
      reader.number(in(fields, "dhcpv6.iaaddr.valid_lifetime"), 4);
      return inside();
    case ia_prefix:
      reader.number(in(fields, "dhcpv6.iaprefix.pref_lifetime"), 4);
      reader.number(in(fields, "dhcpv6.iaprefix.valid_lifetime"), 4);
      reader.number(in(fields, "dhcpv6.iaprefix.pref_len"), 1);
      reader.bytes(in(fields, "dhcpv6.iaprefix.pref_addr"), 16);
      return inside();
    case option_request:
      while (reader.left() >= 2) reader.number(in(fields, "dhcpv6.requested_option_code"), 2);
      return;
    case preference:
      reader.number(in(fields, "dhcpv6.option_preference"), 1);
      return;
    case elapsed:
      reader.number(in(fields, "dhcpv6.elapsed_time"), 2);
      return;
    case relayed:
      if (depth + 1 < deepest) read_message(message, at, at + size, depth + 1);
      return;
    case status:
      reader.number(in(fields, "dhcpv6.status_code"), 2);
      if (reader.more()) reader.ascii(in(fields, "dhcpv6.status_msg"), reader.left());
      return;
    case interface_id:
      reader.bytes(in(fields, "dhcpv6.interface_id"), size);
      return;
    case name_servers:
      while (reader.left() >= 16) reader.bytes(in(fields, "dhcpv6.dns_server"), 16);
      return;
    default:
      return;
  }
}

// Options up to `end`; one that goes on beyond is left alone.
void read_options(Message& message, u32 at, u32 end, unsigned depth) {
  if (depth >= deepest) return;
  while (at + 4 <= end) {
    const u64 type = message.number(at, 2);
    const auto size = static_cast<u32>(message.number(at + 2, 2));
    if (size > end - at - 4) return;
    const auto* known = std::find_if(std::begin(option_names), std::end(option_names),
                                     [&](const Name& one) { return one.value == type; });
    if (known != std::end(option_names))
      message.put_text(in(fields, "dhcpv6.option.type_str"), at, size + 4, known->text);
    message.put(in(fields, "dhcpv6.option.type"), at, 2, type);
    message.put(in(fields, "dhcpv6.option.length"), at + 2, 2, size);
    read_option(message, type, at + 4, size, depth + 1);
    at += 4 + size;
  }
}

// False: it ends before its options begin.
bool read_message(Message& message, u32 at, u32 end, unsigned depth) {
  Reader reader{message, at, end};
  const u64 type = reader.number(in(fields, "dhcpv6.msgtype"), 1);
  if (!reader.good()) return false;
  auto& info = message.info();
  const auto* known = std::find_if(std::begin(message_names), std::end(message_names),
                                   [&](const Name& one) { return one.value == type; });
  info += known == std::end(message_names) ? fmt::format("Message Type {} ", type)
                                           : std::string{known->text} + ' ';
  if (type == 12 || type == 13) {
    reader.number(in(fields, "dhcpv6.hopcount"), 1);
    reader.bytes(in(fields, "dhcpv6.linkaddr"), 16);
    if (reader.good())
      info.append("L: ").append(to_string(address_of(message.bytes(at + 2, 16)))) += ' ';
    reader.bytes(in(fields, "dhcpv6.peeraddr"), 16);
  } else {
    const u64 number = reader.number(in(fields, "dhcpv6.xid"), 3);
    if (reader.good()) fmt::format_to(std::back_inserter(info), "XID: 0x{:06x} ", number);
  }
  if (!reader.good()) return false;
  read_options(message, reader.at(), end, depth);
  return true;
}

bool read_dhcpv6(Message& message) {
  if (message.around.tcp) return false;
  message.enter(dhcpv6.header);
  message.protocol("DHCPv6");
  message.info().clear();
  if (!read_message(message, 0, message.captured, 0)) message.malformed();
  return true;
}

constexpr u16 ports[] = {546, 547};

}  // namespace

const Parser dhcpv6{
    .header = {.word = "dhcpv6", .name = "DHCPv6", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .read = read_dhcpv6
};

}  // namespace trama::parse
