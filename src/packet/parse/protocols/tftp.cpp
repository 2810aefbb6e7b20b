// Trivial File Transfer Protocol (RFC 1350, options RFC 2347). The request goes to port 69; the
// answer comes from a port of its own, and all that follows goes between those two.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name opcode_names[] = {
    {1, "Read Request"          },
    {2, "Write Request"         },
    {3, "Data Packet"           },
    {4, "Acknowledgement"       },
    {5, "Error Code"            },
    {6, "Option Acknowledgement"},
};

constexpr Name error_names[] = {
    {0, "Not defined"                     },
    {1, "File not found"                  },
    {2, "Access violation"                },
    {3, "Disk full or allocation exceeded"},
    {4, "Illegal TFTP Operation"          },
    {5, "Unknown transfer ID"             },
    {6, "File already exists"             },
    {7, "No such user"                    },
    {8, "Option negotiation failed"       },
};

constexpr auto fields = std::to_array<Field>({
    named(opcode_names, {"tftp.opcode",           0, Show::dec,  N_("what the packet does")                        }
     ),
    {"tftp.source_file",      0, Show::text, N_("file that is read")                           },
    {"tftp.destination_file", 0, Show::text, N_("file that is written")                        },
    {"tftp.request_frame",    0, Show::dec,  N_("packet with the request")                     },
    {"tftp.type",             0, Show::text, N_("how it is transferred")                       },
    {"tftp.block",            0, Show::dec,  N_("number of the block")                         },
    {"tftp.block.full",       0, Show::dec,  N_("number of the block, counted on beyond 65535")},
    named(error_names, {"tftp.error.code",       0, Show::dec,  N_("what went wrong")                             }
     ),
    {"tftp.error.message",    0, Show::text, N_("the same in words")                           },
    {"tftp.option.name",      0, Show::text, N_("which option")                                },
    {"tftp.option.value",     0, Show::text, N_("value of the option")                         },
});

enum Opcode : u64 { read_request = 1, write_request, data_block, acknowledgement, error, options };

// What was agreed on, and how far it is.
struct Transfer final : flow::Memory {
  u64 request = 0;  // packet; 0: not seen
  u32 block_size = 512;
  u32 block = 0;
  std::string file;
};

// A string that ends with a zero: false where it does not.
bool take_string(const Message& message, u32& at, std::string_view& text) {
  const auto rest = message.text(at, message.captured - at);
  const auto size = rest.find('\0');
  if (size == rest.npos) return false;
  text = rest.substr(0, size);
  at += static_cast<u32>(size) + 1;
  return true;
}

bool put_options(Message& message, u32 at, Transfer* agreed) {
  std::string& info = message.info();
  while (at < message.captured) {
    const u32 name_at = at;
    std::string_view name;
    std::string_view value;
    if (!take_string(message, at, name)) return false;
    const u32 value_at = at;
    if (!take_string(message, at, value)) return false;
    message.put_ascii(in(fields, "tftp.option.name"), name_at, static_cast<u32>(name.size()));
    message.put_ascii(in(fields, "tftp.option.value"), value_at, static_cast<u32>(value.size()));
    info += ", ";
    dissect::append_text(info, name);
    info += '=';
    dissect::append_text(info, value);
    constexpr std::string_view block_size = "blksize";
    const bool same = name.size() == block_size.size() &&
                      std::equal(name.begin(), name.end(), block_size.begin(),
                                 [](char a, char b) { return (a | 0x20) == b; });
    u32 size = 0;
    if (same && agreed != nullptr &&
        std::from_chars(value.data(), value.data() + value.size(), size).ec == std::errc{} &&
        size >= 8 && size <= 65464)
      agreed->block_size = size;
  }
  return true;
}

bool read_a_request(Message& message, u64 opcode) {
  const auto& file =
      opcode == read_request ? in(fields, "tftp.source_file") : in(fields, "tftp.destination_file");
  std::string& info = message.info();
  u32 at = 2;
  std::string_view name;
  std::string_view type;
  if (!take_string(message, at, name)) return false;
  message.put_ascii(file, 2, static_cast<u32>(name.size()));
  info += ", File: ";
  dissect::append_text(info, name);
  const u32 type_at = at;
  if (!take_string(message, at, type)) return false;
  message.put_ascii(in(fields, "tftp.type"), type_at, static_cast<u32>(type.size()));
  info += ", Transfer type: ";
  dissect::append_text(info, type);
  if (auto* own = message.memory<Transfer>(); own != nullptr) {
    own->request = message.around.packet.number;
    own->block_size = 512;
    own->block = 0;
    own->file = name.substr(0, 255);
    auto transfer = std::make_unique<Transfer>();
    transfer->request = own->request;
    transfer->file = own->file;
    message.hand_over(tftp);
    message.expect(message.around.step->segment.from, tftp, std::move(transfer));
  }
  return put_options(message, at, nullptr);
}

// The block's number, counted on where its 16 bits began anew.
u32 full_block(Transfer* transfer, u64 block) {
  if (transfer == nullptr) return static_cast<u32>(block);
  const auto moved = static_cast<u16>(block - transfer->block);
  u32 full = transfer->block + moved;
  if (moved >= 0x8000)
    full = transfer->block >= 0x10000U - moved ? full - 0x10000 : static_cast<u32>(block);
  transfer->block = full;
  return full;
}

bool read_block(Message& message, u64 opcode, Transfer* transfer) {
  if (!message.whole(2, 2)) return false;
  const u64 block = message.number(2, 2);
  const u32 full = full_block(transfer, block);
  message.put(in(fields, "tftp.block"), 2, 2, block);
  message.put(in(fields, "tftp.block.full"), 2, 2, full);
  std::string& info = message.info();
  fmt::format_to(std::back_inserter(info), ", Block: {}", full);
  if (opcode == acknowledgement) return true;
  const u32 size = message.captured - 4;
  if (message.length - 4 < (transfer == nullptr ? 512 : transfer->block_size)) info += " (last)";
  if (size == 0) return true;
  message.enter(wire::data, 4);
  message.put_bytes(in(data_found, "data.data"), 4, size);
  message.put_found(in(data_found, "data.len"), size);
  return true;
}

bool read_error(Message& message) {
  if (!message.whole(2, 2)) return false;
  const u64 code = message.put_number(in(fields, "tftp.error.code"), 2, 2);
  std::string& info = message.info();
  if (code < std::size(error_names))
    info.append(", Code: ").append(error_names[code].text);
  else
    fmt::format_to(std::back_inserter(info), ", Code: Unknown ({})", code);
  u32 at = 4;
  std::string_view text;
  if (!take_string(message, at, text)) return false;
  message.put_ascii(in(fields, "tftp.error.message"), 4, static_cast<u32>(text.size()));
  info += ", Message: ";
  dissect::append_text(info, text);
  return true;
}

bool read_tftp(Message& message) {
  message.enter(tftp.header);
  message.protocol("TFTP");
  if (!message.whole(0, 2)) {
    message.malformed();
    return true;
  }
  const u64 opcode = message.put_number(in(fields, "tftp.opcode"), 0, 2);
  std::string& info = message.info();
  if (opcode >= read_request && opcode <= options)
    info = opcode_names[opcode - 1].text;
  else
    info = fmt::format("Unknown (0x{:04x})", opcode);
  bool whole = true;
  if (opcode == read_request || opcode == write_request) {
    whole = read_a_request(message, opcode);
  } else {
    auto* transfer = message.memory<Transfer>();
    if (transfer != nullptr && transfer->request != 0) {
      message.put_text(in(fields, "tftp.destination_file"), 0, 0, transfer->file);
      message.put_found(in(fields, "tftp.request_frame"), transfer->request);
    }
    if (opcode == data_block || opcode == acknowledgement)
      whole = read_block(message, opcode, transfer);
    if (opcode == error) whole = read_error(message);
    if (opcode == options) whole = put_options(message, 2, transfer);
  }
  if (!whole) message.malformed();
  return true;
}

// A request to another port than the usual one.
bool looks_like_request(const Message& message) {
  if (message.around.tcp || !message.whole(0, 4)) return false;
  const u64 opcode = message.number(0, 2);
  if (opcode != read_request && opcode != write_request) return false;
  u32 at = 2;
  std::string_view file;
  std::string_view type;
  if (!take_string(message, at, file) || !take_string(message, at, type)) return false;
  const bool plain =
      std::all_of(file.begin(), file.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  const auto is = [&](std::string_view word) {
    return type.size() == word.size() && std::equal(type.begin(), type.end(), word.begin(),
                                                    [](char a, char b) { return (a | 0x20) == b; });
  };
  return plain && (is("octet") || is("netascii") || is("mail"));
}

constexpr u16 ports[] = {69};

}  // namespace

const Parser tftp{
    .header = {.word = "tftp",
               .name = "Trivial File Transfer Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .udp_ports = ports,
    .looks = looks_like_request,
    .read = read_tftp
};

}  // namespace trama::parse
