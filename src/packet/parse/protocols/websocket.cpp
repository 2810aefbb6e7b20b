// WebSocket (RFC 6455): the frames that follow HTTP's change of protocol, several in a segment. A
// message in several frames is read with the last.
#include <algorithm>

#include "packet/parse/parser.h"
#include "packet/parse/waiting.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name opcode_names[] = {
    {0,  "Continuation"    },
    {1,  "Text"            },
    {2,  "Binary"          },
    {8,  "Connection Close"},
    {9,  "Ping"            },
    {10, "Pong"            }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"websocket.fin", 0, Show::flag, N_("the message ends with it")},
    {"websocket.rsv", 0, Show::hex2, N_("reserved")},
    named(opcode_names, {"websocket.opcode", 0, Show::dec, N_("kind of message")}),
    {"websocket.mask", 0, Show::flag, N_("its bytes are masked")},
    {"websocket.payload_length", 0, Show::dec, N_("how many")},
    {"websocket.payload_length_ext_16", 0, Show::dec, N_("how many")},
    {"websocket.payload_length_ext_64", 0, Show::dec, N_("how many")},
    {"websocket.masking_key", 0, Show::bytes, N_("what masks the bytes")},
    {"websocket.masked_payload", 0, Show::mark, N_("the bytes, masked")},
    {"websocket.payload", 0, Show::mark, N_("the bytes")},
    {"websocket.payload.text", 0, Show::text, N_("a text")},
    {"websocket.payload.ping", 0, Show::bytes, N_("what shall come back")},
    {"websocket.payload.pong", 0, Show::bytes, N_("what came back")},
    {"websocket.payload.close.status_code", 0, Show::dec, N_("why the session ended")},
    {"websocket.payload.close.reason", 0, Show::text, N_("the same in words")},
});
// clang-format on

enum Opcode : u8 { continuation, text_frame, binary_frame, close_frame = 8, ping, pong };

struct Frame {
  u8 opcode = 0;
  bool final = false, masked = false;
  u32 head = 0;  // bytes before the payload
  u64 size = 0;  // of the payload

  [[nodiscard]] u64 whole() const { return head + size; }
};

// The messages that are not whole yet, one of each side.
struct Talk final : flow::Memory {
  struct Side {
    u8 opcode = 0;
    WaitingBytes bytes;
  };
  Side sides[2];
};

// The frame at `at`; `head` is 0 where it is not all here.
Frame frame_at(const Message& message, u32 at) {
  Frame frame;
  if (!message.whole(at, 2)) return frame;
  frame.opcode = message.data[at] & 15;
  frame.final = message.data[at] >= 0x80;
  frame.masked = message.data[at + 1] >= 0x80;
  const u64 size = message.data[at + 1] & 0x7fU;
  const u32 more = size == 126 ? 2 : size == 127 ? 8 : 0;
  const u32 head = 2 + more + (frame.masked ? 4 : 0);
  if (!message.whole(at, head)) return frame;
  constexpr u64 most = u64{1} << 62;  // whole() must not begin anew
  frame.size = std::min(more == 0 ? size : message.number(at + 2, more), most);
  frame.head = head;
  return frame;
}

void put_head(Message& message, const Frame& frame, u32 at) {
  message.put(in(fields, "websocket.fin"), at, 1, frame.final ? 1 : 0);
  message.put(in(fields, "websocket.rsv"), at, 1, message.data[at] >> 4 & 7);
  message.put(in(fields, "websocket.opcode"), at, 1, frame.opcode);
  message.put(in(fields, "websocket.mask"), at + 1, 1, frame.masked ? 1 : 0);
  const u64 size = message.data[at + 1] & 0x7fU;
  message.put(in(fields, "websocket.payload_length"), at + 1, 1, size);
  if (size == 126) message.put_number(in(fields, "websocket.payload_length_ext_16"), at + 2, 2);
  if (size == 127) message.put_number(in(fields, "websocket.payload_length_ext_64"), at + 2, 8);
  if (frame.masked) message.put_bytes(in(fields, "websocket.masking_key"), at + frame.head - 4, 4);
}

void say(Message& message, const Frame& frame) {
  const auto* known = std::find_if(std::begin(opcode_names), std::end(opcode_names),
                                   [&](const Name& one) { return one.value == frame.opcode; });
  auto& info = message.info();
  info += "WebSocket ";
  info += known == std::end(opcode_names) ? "Unknown Opcode" : known->text;
  info += frame.final ? " [FIN]" : "[FRAGMENT] ";
  info += frame.masked ? " [MASKED]" : " ";
}

// The payload in clear: masked bytes are copied.
const u8* clear_of(Message& message, const Frame& frame, u32 at, u32 size) {
  const u8* bytes = message.data + at + frame.head;
  if (!frame.masked) return bytes;
  const u8* key = bytes - 4;
  u8* clear = message.keep(size);
  for (u32 i = 0; i < size; ++i) clear[i] = bytes[i] ^ key[i % 4];
  return clear;
}

void put_data(Message& message, u32 at, Bytes bytes) {
  message.enter(wire::data, at, static_cast<u32>(bytes.size()));
  message.put_copy(in(data_found, "data.data"), at, static_cast<u32>(bytes.size()), bytes);
  message.put_found(in(data_found, "data.len"), bytes.size());
  message.leave();
}

void read_payload(Message& message, u8 opcode, u32 at, Bytes bytes) {
  const auto size = static_cast<u32>(bytes.size());
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  switch (opcode) {
    case text_frame:
      message.put_text(in(fields, "websocket.payload.text"), at, size, text);
      message.carry(data_text_lines, bytes.data(), size);
      return;
    case binary_frame:
      return put_data(message, at, bytes);
    case close_frame:
      if (size < 2) return;
      message.put(in(fields, "websocket.payload.close.status_code"), at, 2,
                  static_cast<u64>(bytes[0] << 8 | bytes[1]));
      if (size > 2)
        message.put_text(in(fields, "websocket.payload.close.reason"), at + 2, size - 2,
                         text.substr(2));
      return;
    case ping:
      return message.put_copy(in(fields, "websocket.payload.ping"), at, size, bytes);
    case pong:
      return message.put_copy(in(fields, "websocket.payload.pong"), at, size, bytes);
    default:
      return;
  }
}

void read_frame(Message& message, const Frame& frame, u32 at, u32 size, Talk* talk) {
  put_head(message, frame, at);
  say(message, frame);
  const u32 start = at + frame.head;
  if (size == 0 && frame.opcode != continuation) return;
  const Bytes bytes{clear_of(message, frame, at, size), size};
  if (frame.masked) message.put(in(fields, "websocket.masked_payload"), start, size, 0);
  message.put(in(fields, "websocket.payload"), start, size, 0);
  if (frame.opcode >= close_frame || (frame.final && frame.opcode != continuation) ||
      talk == nullptr)
    return read_payload(message, frame.opcode, start, bytes);
  auto& side = talk->sides[message.from()];
  if (frame.opcode != continuation) {
    side.bytes.forget();
    side.opcode = frame.opcode;
  }
  if (side.opcode == 0) return;
  if (side.bytes.size() + size > longest_gathered || !side.bytes.add(message, bytes)) {
    side.bytes.forget();
    side.opcode = 0;
    return;
  }
  if (!frame.final) return;
  const Bytes all = side.bytes.view();
  u8* copy = message.keep(all.size());
  std::copy(all.begin(), all.end(), copy);
  read_payload(message, side.opcode, start, {copy, all.size()});
  side.bytes.forget();
  side.opcode = 0;
}

bool read_websocket(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  const auto before = message.info().size();
  for (u32 at = 0; at < message.captured;) {
    const Frame frame = frame_at(message, at);
    const u32 left = message.captured - at;
    if ((frame.head == 0 || frame.whole() > left) && message.waits()) {
      message.need(at, frame.head == 0
                           ? 0
                           : static_cast<u32>(std::min<u64>(frame.whole() - left, 1U << 30)));
      return true;
    }
    const auto whole =
        frame.head == 0 ? left : static_cast<u32>(std::min<u64>(frame.whole(), left));
    message.enter(websocket.header, at, whole);
    message.protocol("WebSocket");
    message.info().resize(std::min(before, message.info().size()));  // the last one's words stay
    if (frame.head == 0) {
      message.malformed();
    } else {
      read_frame(message, frame, at, whole - frame.head, talk);
    }
    message.leave();
    at += whole;
  }
  return true;
}

}  // namespace

const Parser websocket{
    .header = {.word = "websocket", .name = "WebSocket", .layer = 7, .fields = {}, .found = fields},
    .read = read_websocket
};

}  // namespace trama::parse
