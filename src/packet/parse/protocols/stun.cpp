// Session Traversal Utilities for NAT (RFC 8489) and its relays, TURN (RFC 8656): told by their
// port or by the magic cookie. Over TCP, messages stand one behind another.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/reader.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name method_names[] = {
    {1,  "Binding"          },
    {2,  "SharedSecret"     },
    {3,  "Allocate"         },
    {4,  "Refresh"          },
    {6,  "Send"             },
    {7,  "Data"             },
    {8,  "CreatePermission" },
    {9,  "Channel-Bind"     },
    {10, "Connect"          },
    {11, "ConnectionBind"   },
    {12, "ConnectionAttempt"}
};
constexpr Name class_names[] = {
    {0x00, "Request"         },
    {0x01, "Indication"      },
    {0x10, "Success Response"},
    {0x11, "Error Response"  }
};
constexpr Name error_names[] = {
    {300, "Try Alternate"                 },
    {400, "Bad Request"                   },
    {401, "Unauthenticated"               },
    {403, "Forbidden"                     },
    {405, "Mobility Forbidden"            },
    {420, "Unknown Attribute"             },
    {437, "Allocation Mismatch"           },
    {438, "Stale Nonce"                   },
    {440, "Address Family not Supported"  },
    {441, "Wrong Credentials"             },
    {442, "Unsupported Transport Protocol"},
    {443, "Peer Address Family Mismatch"  },
    {446, "Connection Already Exists"     },
    {447, "Connection Timeout or Failure" },
    {486, "Allocation Quota Reached"      },
    {487, "Role Conflict"                 },
    {500, "Server Error"                  },
    {508, "Insufficient Capacity"         }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"stun.tcp_frame_length", 0, Show::dec, N_("bytes of the message")},
    {"stun.channel", 0, Show::hex4, N_("channel that the data take")},
    {"stun.type", 0, Show::hex4, N_("kind of message")},
    {"stun.type.class", 0, Show::hex4, N_("question, answer, or neither")},
    {"stun.type.method", 0, Show::hex4, N_("what it is about")},
    {"stun.length", 0, Show::dec, N_("bytes of the attributes")},
    {"stun.cookie", 0, Show::bytes, N_("by which STUN is told from others")},
    {"stun.id", 0, Show::bytes, N_("pairs question and answer")},
    {"stun.att.type", 0, Show::hex4, N_("kind of attribute")},
    {"stun.att.length", 0, Show::dec, N_("bytes of the attribute")},
    {"stun.att.family", 0, Show::hex2, N_("which kind of addresses")},
    {"stun.att.port", 0, Show::dec, N_("a port")},
    {"stun.att.ipv4", 0, Show::ipv4, N_("an address")},
    {"stun.att.ipv6", 0, Show::ipv6, N_("an address")},
    {"stun.att.username", 0, Show::text, N_("who wants to come in")},
    {"stun.att.realm", 0, Show::text, N_("where the name is known")},
    {"stun.att.nonce", 0, Show::text, N_("number that is used once")},
    {"stun.att.software", 0, Show::text, N_("program that sent it")},
    {"stun.att.error.class", 0, Show::dec, N_("hundreds of the error's number")},
    {"stun.att.error", 0, Show::dec, N_("the rest of the error's number")},
    {"stun.att.error.reason", 0, Show::text, N_("the same in words")},
    {"stun.att.priority", 0, Show::dec, N_("how much this way is liked")},
    {"stun.att.lifetime", 0, Show::dec, N_("seconds that it holds")},
    {"stun.att.transp", 0, Show::hex2, N_("protocol of the relayed packets")},
    {"stun.att.channelnum", 0, Show::hex4, N_("channel that is bound")},
    {"stun.att.hmac", 0, Show::bytes, N_("proof that nobody changed the message")},
    {"stun.att.crc32", 0, Show::hex8, N_("checksum of the message")},
});
// clang-format on

constexpr u32 header_size = 20;
constexpr u64 magic_cookie = 0x2112a442;

enum Attribute : u64 {
  mapped_address = 1,
  user = 6,
  integrity = 8,
  error_code,
  channel_number = 0xc,
  lifetime,
  peer_address = 0x12,
  peer_data,
  realm,
  nonce,
  relayed_address,
  transport = 0x19,
  xor_mapped_address = 0x20,
  priority = 0x24,
  software = 0x8022,
  alternate_server,
  fingerprint = 0x8028,
  response_origin = 0x802b
};

std::string_view name_of(std::span<const Name> names, u64 value, std::string_view none) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name& one) { return one.value == value; });
  return found == names.end() ? none : found->text;
}

// Up to its first zero byte.
void append_string(std::string& info, std::string_view text) {
  dissect::append_text(info, text.substr(0, text.find('\0')));
}

bool has_cookie(const Message& message, u32 at) {
  return message.whole(at, header_size) && message.data[at] < 0x40 &&
         message.number(at + 4, 4) == magic_cookie;
}

// An address and its port; `mask`: the 16 bytes that they are combined with, or nullptr.
void read_address(Message& message, u32 at, u32 size, std::string_view name, const u8* mask) {
  if (size < 8) return;
  const bool v4 = message.data[at + 1] == 1;
  const u32 bytes = v4 ? 4 : 16;
  if (message.data[at + 1] > 2 || size < 4 + bytes) return;
  std::array<u8, 18> plain{};
  for (u32 i = 0; i < 2 + bytes; ++i)
    plain[i] = message.data[at + 2 + i] ^ (mask == nullptr ? u8{0} : mask[i < 2 ? i : i - 2]);
  const auto port = static_cast<u64>(plain[0] << 8 | plain[1]);
  const Bytes address{plain.data() + 2, bytes};
  message.put(in(fields, "stun.att.family"), at + 1, 1, message.data[at + 1]);
  message.put(in(fields, "stun.att.port"), at + 2, 2, port);
  if (v4) {
    u64 value = 0;
    for (const u8 byte : address) value = value << 8 | byte;
    message.put(in(fields, "stun.att.ipv4"), at + 4, 4, value);
  } else {
    message.put_copy(in(fields, "stun.att.ipv6"), at + 4, 16, address);
  }
  fmt::format_to(std::back_inserter(message.info()), " {}: {}:{}", name,
                 to_string(address_of(address)), port);
}

void read_error(Message& message, u32 at, u32 size) {
  if (size < 4) return;
  const unsigned hundreds = message.data[at + 2] & 7U;
  const unsigned rest = message.data[at + 3];
  message.put(in(fields, "stun.att.error.class"), at + 2, 1, hundreds);
  message.put(in(fields, "stun.att.error"), at + 3, 1, rest);
  auto& info = message.info();
  const unsigned code = hundreds * 100 + rest;
  fmt::format_to(std::back_inserter(info), " error-code: {} ({})", code,
                 name_of(error_names, code, "*Unknown error code*"));
  if (size == 4) return;
  message.put_ascii(in(fields, "stun.att.error.reason"), at + 4, size - 4);
  info += ' ';
  append_string(info, message.text(at + 4, size - 4));
}

void put_inner(Message& message, u32 at, u32 size) {
  if (size == 0) return;
  message.enter(wire::data, at, size);
  message.put_bytes(in(data_found, "data.data"), at, size);
  message.put_found(in(data_found, "data.len"), size);
  message.leave();
}

void read_attribute(Message& message, u64 type, u32 at, u32 size, const u8* mask) {
  auto& info = message.info();
  const auto text = [&](const Field& field, std::string_view name) {
    message.put_ascii(field, at, size);
    if (name.empty()) return;
    info.append(name);
    append_string(info, message.text(at, size));
  };
  const auto number = [&](const Field& field, u32 count, std::string_view name) {
    if (size < count) return u64{0};
    const u64 value = message.put_number(field, at, count);
    if (!name.empty()) info.append(name) += std::to_string(value);
    return value;
  };
  switch (type) {
    case mapped_address:
      return read_address(message, at, size, "MAPPED-ADDRESS", nullptr);
    case alternate_server:
      return read_address(message, at, size, "ALTERNATE-SERVER", nullptr);
    case response_origin:
      return read_address(message, at, size, "RESPONSE-ORIGIN", nullptr);
    case xor_mapped_address:
      return read_address(message, at, size, "XOR-MAPPED-ADDRESS", mask);
    case relayed_address:
      return read_address(message, at, size, "XOR-RELAYED-ADDRESS", mask);
    case peer_address:
      return read_address(message, at, size, "XOR-PEER-ADDRESS", mask);
    case user:
      return text(in(fields, "stun.att.username"), " user: ");
    case realm:
      return text(in(fields, "stun.att.realm"), " realm: ");
    case nonce:
      info += " with nonce";
      return text(in(fields, "stun.att.nonce"), {});
    case software:
      return text(in(fields, "stun.att.software"), {});
    case error_code:
      return read_error(message, at, size);
    case integrity:
      return message.put_bytes(in(fields, "stun.att.hmac"), at, size);
    case peer_data:
      return put_inner(message, at, size);
    case lifetime:
      number(in(fields, "stun.att.lifetime"), 4, " lifetime: ");
      return;
    case priority:
      number(in(fields, "stun.att.priority"), 4, {});
      return;
    case fingerprint:
      number(in(fields, "stun.att.crc32"), 4, {});
      return;
    case channel_number:
      if (size >= 4)
        fmt::format_to(std::back_inserter(info), " ChannelNumber=0x{:x}",
                       number(in(fields, "stun.att.channelnum"), 2, {}));
      return;
    case transport: {
      const u64 protocol = number(in(fields, "stun.att.transp"), 1, {});
      if (protocol == 6) info += " TCP";
      if (protocol == 17) info += " UDP";
      return;
    }
    default:
      return;
  }
}

// The message at `at`, which is here up to `end`.
void read_one(Message& message, u32 at, u32 end) {
  const u64 type = message.number(at, 2);
  const u64 kind = (type >> 4 & 1) | (type >> 4 & 0x10);
  const u64 method = (type & 15) | (type >> 1 & 0x70) | (type >> 2 & 0xf80);
  message.put(in(fields, "stun.type"), at, 2, type);
  message.put(in(fields, "stun.type.class"), at, 2, kind);
  message.put(in(fields, "stun.type.method"), at, 2, method);
  message.put_number(in(fields, "stun.length"), at + 2, 2);
  message.put_bytes(in(fields, "stun.cookie"), at + 4, 4);
  message.put_bytes(in(fields, "stun.id"), at + 8, 12);
  auto& info = message.info();
  info = name_of(method_names, method, "Unknown");
  info.append(" ").append(name_of(class_names, kind, ""));
  const u8* mask = message.data + at + 4;  // cookie and number
  for (at += header_size; at + 4 <= end;) {
    const u64 attribute = message.put_number(in(fields, "stun.att.type"), at, 2);
    const auto size =
        static_cast<u32>(message.put_number(in(fields, "stun.att.length"), at + 2, 2));
    at += 4;
    if (size > end - at) return;
    read_attribute(message, attribute, at, size, mask);
    at += (size + 3) / 4 * 4;
  }
}

bool is_channel(const Message& message, u32 at) {
  return message.whole(at, 4) && message.data[at] >= 0x40 && message.data[at] < 0x80;
}

void read_channel(Message& message, u32 at, u32 size) {
  message.put_number(in(fields, "stun.channel"), at, 2);
  message.put_number(in(fields, "stun.length"), at + 2, 2);
  message.info() = "ChannelData TURN Message";
  put_inner(message, at + 4, size);
}

bool read_stream(Message& message) {
  for (u32 at = 0; at < message.captured;) {
    u32 from = at;
    if (!is_channel(message, at) && !has_cookie(message, at) && has_cookie(message, at + 2))
      from += 2;  // framed (RFC 4571)
    const bool channel = is_channel(message, from);
    if (!channel && !has_cookie(message, from)) {
      const u32 left = message.captured - from;
      if (left >= header_size || message.data[from] >= 0x40) return at != 0;
      if (message.waits()) message.need(at, 0);
      return message.waits();
    }
    const auto size = static_cast<u32>(message.number(from + 2, 2));
    const u32 whole = channel ? 4 + (size + 3) / 4 * 4 : header_size + size;
    const u32 left = message.captured - from;
    if (whole > left && message.waits()) {
      message.need(at, whole - left);
      return true;
    }
    const u32 end = from + std::min(whole, left);
    message.enter(stun.header, at, end - at);
    message.protocol("STUN");
    if (from != at) message.put_number(in(fields, "stun.tcp_frame_length"), at, 2);
    if (channel)
      read_channel(message, from, std::min(size, end - from - 4));
    else
      read_one(message, from, end);
    message.leave();
    at = end;
  }
  return true;
}

bool read_stun(Message& message) {
  if (message.around.tcp) return read_stream(message);
  const bool cookie = has_cookie(message, 0);
  if (!cookie && !is_channel(message, 0)) return false;
  const auto size = static_cast<u32>(message.number(2, 2));
  if (cookie ? size + header_size != message.length
             : size + 4 > message.length || (size + 7) / 4 * 4 < message.length)
    return false;
  message.enter(stun.header);
  message.protocol("STUN");
  if (cookie)
    read_one(message, 0, message.captured);
  else
    read_channel(message, 0, std::min(size, message.captured - 4));
  if (message.captured < message.length) message.malformed();
  return true;
}

bool looks_like_stun(const Message& message) {
  if (message.around.tcp)
    return has_cookie(message, 0) ||
           (has_cookie(message, 2) && message.number(0, 2) >= header_size);
  return has_cookie(message, 0) && message.number(2, 2) + header_size == message.length;
}

constexpr u16 ports[] = {3478};

}  // namespace

const Parser stun{
    .header = {.word = "stun",
               .name = "Session Traversal Utilities for NAT",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = ports,
    .udp_ports = ports,
    .looks = looks_like_stun,
    .read = read_stun
};

}  // namespace trama::parse
