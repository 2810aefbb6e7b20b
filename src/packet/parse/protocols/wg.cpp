// WireGuard (wireguard.com/protocol): told by its first bytes, on any UDP port. All but the
// handshake's and the packets' headers is encrypted.
#include <fmt/core.h>

#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name type_names[] = {
    {1, "Handshake Initiation"},
    {2, "Handshake Response"  },
    {3, "Cookie Reply"        },
    {4, "Transport Data"      }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    named(type_names, {"wg.type", 0, Show::dec, N_("kind of message")}),
    {"wg.reserved", 0, Show::bytes, N_("reserved")},
    {"wg.sender", 0, Show::hex8, N_("number of the session at the sender")},
    {"wg.receiver", 0, Show::hex8, N_("number of the session at the receiver")},
    {"wg.encrypted_static", 0, Show::mark, N_("the sender's key, encrypted")},
    {"wg.encrypted_timestamp", 0, Show::mark, N_("time, encrypted")},
    {"wg.encrypted_empty", 0, Show::mark, N_("nothing, encrypted: proves the key")},
    {"wg.nonce", 0, Show::bytes, N_("number that is used once")},
    {"wg.encrypted_cookie", 0, Show::mark, N_("cookie, encrypted")},
    {"wg.counter", 0, Show::dec, N_("number of this packet")},
    {"wg.encrypted_packet", 0, Show::mark, N_("packet, encrypted")},
    {"wg.mac1", 0, Show::bytes, N_("proof that the sender knows the receiver's key")},
    {"wg.mac2", 0, Show::bytes, N_("proof that the sender has the receiver's cookie")},
});
// clang-format on

constexpr u32 sizes[] = {0, 148, 92, 64, 32};  // of the kinds; the last one's at least

bool looks_like_wg(const Message& message) {
  if (message.around.tcp || message.length < 32 || !message.whole(0, 4)) return false;
  const u8* data = message.data;
  if (data[0] < 1 || data[0] > 4 || (data[1] | data[2] | data[3]) != 0) return false;
  return data[0] == 4 ? message.length >= sizes[4] : message.length == sizes[data[0]];
}

void mark(Message& message, Reader& reader, const Field& field, u32 count) {
  const u32 at = reader.at();
  if (reader.skip(count)) message.put(field, at, count, 0);
}

bool read_wg(Message& message) {
  if (!looks_like_wg(message)) return false;
  message.enter(wg.header);
  message.protocol("WireGuard");
  Reader reader{message, 0, message.captured};
  const u64 type = reader.number(in(fields, "wg.type"), 1);
  reader.bytes(in(fields, "wg.reserved"), 3);
  auto& info = message.info();
  auto out = std::back_inserter(info);
  info = type_names[type - 1].text;
  if (type <= 2) {
    fmt::format_to(out, ", sender=0x{:08X}", reader.little(in(fields, "wg.sender"), 4));
    if (type == 2)
      fmt::format_to(out, ", receiver=0x{:08X}", reader.little(in(fields, "wg.receiver"), 4));
    reader.skip(32);  // a key for this session
    if (type == 1) {
      mark(message, reader, in(fields, "wg.encrypted_static"), 48);
      mark(message, reader, in(fields, "wg.encrypted_timestamp"), 28);
    } else {
      mark(message, reader, in(fields, "wg.encrypted_empty"), 16);
    }
    reader.bytes(in(fields, "wg.mac1"), 16);
    reader.bytes(in(fields, "wg.mac2"), 16);
  } else if (type == 3) {
    fmt::format_to(out, ", receiver=0x{:08X}", reader.little(in(fields, "wg.receiver"), 4));
    reader.bytes(in(fields, "wg.nonce"), 24);
    mark(message, reader, in(fields, "wg.encrypted_cookie"), 32);
  } else {
    const bool empty = message.length == 32;
    if (empty) info = "Keepalive";
    fmt::format_to(out, ", receiver=0x{:08X}", reader.little(in(fields, "wg.receiver"), 4));
    fmt::format_to(out, ", counter={}", reader.little(in(fields, "wg.counter"), 8));
    if (!empty) fmt::format_to(out, ", datalen={}", message.length - 32);
    mark(message, reader, in(fields, "wg.encrypted_packet"), reader.left());
  }
  if (!reader.good()) message.malformed();
  return true;
}

}  // namespace

const Parser wg{
    .header =
        {.word = "wg", .name = "WireGuard Protocol", .layer = 7, .fields = {}, .found = fields},
    .looks = looks_like_wg,
    .read = read_wg
};

}  // namespace trama::parse
