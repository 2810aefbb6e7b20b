// Internet Key Exchange, versions 1 and 2 (RFC 2408, RFC 7296): the header of its messages and of
// what they carry in clear; and the same with ESP behind NATs, on one UDP port (RFC 3948).
#include <fmt/core.h>

#include <algorithm>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"
#include "wire/protocols/esp.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

constexpr Name exchange_names[] = {
    {0,  "NONE"                           },
    {1,  "Base"                           },
    {2,  "Identity Protection (Main Mode)"},
    {3,  "Authentication Only"            },
    {4,  "Aggressive"                     },
    {5,  "Informational"                  },
    {6,  "Transaction (Config Mode)"      },
    {32, "Quick Mode"                     },
    {33, "New Group Mode"                 },
    {34, "IKE_SA_INIT"                    },
    {35, "IKE_AUTH"                       },
    {36, "CREATE_CHILD_SA"                },
    {37, "INFORMATIONAL"                  },
    {38, "IKE_SESSION_RESUME"             }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"isakmp.ispi", 0, Show::bytes, N_("number of the session at the one who began")},
    {"isakmp.rspi", 0, Show::bytes, N_("number of the session at the other")},
    {"isakmp.nextpayload", 0, Show::dec, N_("what follows")},
    {"isakmp.version", 0, Show::hex2, N_("version of the protocol")},
    named(exchange_names, {"isakmp.exchangetype", 0, Show::dec, N_("kind of message")}),
    {"isakmp.flags", 0, Show::hex2, N_("the flags together")},
    {"isakmp.messageid", 0, Show::hex8, N_("number of the message")},
    {"isakmp.length", 0, Show::dec, N_("bytes of the message")},
    {"isakmp.typepayload", 0, Show::dec, N_("kind of a part")},
    {"isakmp.payloadlength", 0, Show::dec, N_("bytes of a part")},
});
constexpr auto encap_fields = std::to_array<Field>({
    {"udpencap.nat_keepalive", 0, Show::mark, N_("keeps the NAT's mapping alive")},
    {"udpencap.non_esp_marker", 0, Show::bytes, N_("zeros: a message, not an encrypted packet")},
});
// clang-format on

constexpr u32 header_size = 28;
constexpr u64 encrypted_parts[] = {46, 53};  // of version 2: nothing behind is in clear

// The parts one behind another. False: one goes on beyond the message.
bool read_parts(Message& message, u64 kind, u32 at, u32 end) {
  while (kind != 0 && at < end) {
    if (end - at < 4) return false;
    const auto size = static_cast<u32>(message.number(at + 2, 2));
    message.put(in(fields, "isakmp.typepayload"), at, size, kind);
    message.put(in(fields, "isakmp.payloadlength"), at + 2, 2, size);
    if (size < 4 || size > end - at) return false;
    const bool opaque = std::find(std::begin(encrypted_parts), std::end(encrypted_parts), kind) !=
                        std::end(encrypted_parts);
    if (opaque) return true;
    kind = message.data[at];
    at += size;
  }
  return true;
}

bool read_isakmp(Message& message) {
  if (message.around.tcp || message.length < header_size) return false;
  message.enter(isakmp.header);
  message.protocol("ISAKMP");
  Reader reader{message, 0, message.captured};
  reader.bytes(in(fields, "isakmp.ispi"), 8);
  reader.bytes(in(fields, "isakmp.rspi"), 8);
  const u64 next = reader.number(in(fields, "isakmp.nextpayload"), 1);
  const u64 version = reader.number(in(fields, "isakmp.version"), 1);
  const u64 kind = reader.number(in(fields, "isakmp.exchangetype"), 1);
  const u64 flags = reader.number(in(fields, "isakmp.flags"), 1);
  const u64 number = reader.number(in(fields, "isakmp.messageid"), 4);
  const u64 told = reader.number(in(fields, "isakmp.length"), 4);
  auto& info = message.info();
  info.clear();
  if (!reader.good()) {
    message.malformed();
    return true;
  }
  const u64 major = version >> 4;
  if (major != 1 && major != 2) return true;
  const auto* known = std::find_if(std::begin(exchange_names), std::end(exchange_names),
                                   [&](const Name& one) { return one.value == kind; });
  const bool fits = known != std::end(exchange_names) && (major == 1 || kind >= 34);
  info = fits ? std::string{known->text} : fmt::format("Unknown {}", kind);
  if (major == 2)
    info += fmt::format(" MID={:02} {} {}", number, (flags & 8) != 0 ? "Initiator" : "Responder",
                        (flags & 0x20) != 0 ? "Response" : "Request");
  const bool encrypted = major == 1 && (flags & 1) != 0;
  const auto end = static_cast<u32>(std::min<u64>(told, message.captured));
  if (!encrypted && !read_parts(message, next, header_size, end)) message.malformed();
  return true;
}

void read_esp(Message& message) {
  message.enter(wire::esp);
  message.protocol("ESP");
  message.info().clear();
  Reader reader{message, 0, message.captured};
  const u64 association = reader.number(in(wire::esp_fields, "esp.spi"), 4);
  reader.number(in(wire::esp_fields, "esp.sequence"), 4);
  if (reader.good())
    message.info() = fmt::format("ESP (SPI=0x{:08x})", association);
  else
    message.malformed();
}

bool read_udpencap(Message& message) {
  if (message.around.tcp) return false;
  const bool keeps_alive = message.length == 1 && message.data[0] == 0xff;
  const bool marked = message.whole(0, 4) && message.number(0, 4) == 0;
  message.enter(udpencap.header, 0, keeps_alive ? 1 : marked ? 4 : 0);
  message.protocol("UDPENCAP");
  if (keeps_alive) {
    message.put(in(encap_fields, "udpencap.nat_keepalive"), 0, 1, 0);
    message.info() = "NAT-keepalive";
    return true;
  }
  message.info().clear();
  message.clear_info();
  if (!message.whole(0, 4)) {
    message.malformed();
    return true;
  }
  if (!marked) {
    read_esp(message);
    return true;
  }
  message.put_bytes(in(encap_fields, "udpencap.non_esp_marker"), 0, 4);
  message.leave();
  message.carry(isakmp, message.data + 4, message.captured - 4);
  return true;
}

constexpr u16 ports[] = {500};
constexpr u16 encap_ports[] = {4500};

}  // namespace

const Parser isakmp{
    .header = {.word = "isakmp",
               .name = "Internet Security Association and Key Management Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .udp_ports = ports,
    .read = read_isakmp
};
const Parser udpencap{
    .header = {.word = "udpencap",
               .name = "UDP Encapsulation of IPsec Packets",
               .layer = 4,
               .fields = {},
               .found = encap_fields},
    .udp_ports = encap_ports,
    .read = read_udpencap
};

}  // namespace trama::parse
