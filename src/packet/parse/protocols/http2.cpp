// HTTP/2 (RFC 9113): frames of many streams on one connection, several in a segment. Of compressed
// headers (RFC 7541) only those of the static table that stand first are told.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name type_names[] = {
    {0,  "DATA"         },
    {1,  "HEADERS"      },
    {2,  "PRIORITY"     },
    {3,  "RST_STREAM"   },
    {4,  "SETTINGS"     },
    {5,  "PUSH_PROMISE" },
    {6,  "PING"         },
    {7,  "GOAWAY"       },
    {8,  "WINDOW_UPDATE"},
    {9,  "CONTINUATION" },
    {10, "ALTSVC"       },
    {12, "ORIGIN"       }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"http2.magic", 0, Show::text, N_("by which the protocol is told")},
    {"http2.length", 0, Show::dec, N_("bytes of the frame's payload")},
    named(type_names, {"http2.type", 0, Show::dec, N_("kind of frame")}),
    {"http2.flags", 0, Show::hex2, N_("the flags together")},
    {"http2.streamid", 0, Show::dec, N_("number of the stream")},
    {"http2.settings.id", 0, Show::dec, N_("which setting")},
    {"http2.window_update.window_size_increment", 0, Show::dec, N_("bytes more that may be sent")},
    {"http2.rst_stream.error", 0, Show::dec, N_("what went wrong")},
    {"http2.goaway.last_stream_id", 0, Show::dec, N_("the last stream that was read")},
    {"http2.goaway.error", 0, Show::dec, N_("what went wrong")},
    {"http2.ping", 0, Show::bytes, N_("what shall come back")},
    {"http2.data.data", 0, Show::bytes, N_("the bytes")},
});
// clang-format on

constexpr std::string_view magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr u32 header_size = 9;

enum Type : u8 { data_frame, headers, rst_stream = 3, settings, ping = 6, goaway, window_update };

// What the entries of the static table say that the list shows (RFC 7541 appendix A).
std::string_view static_text(u8 index) {
  constexpr std::string_view texts[] = {"GET",
                                        "POST",
                                        "/",
                                        "/index.html",
                                        "",
                                        "",
                                        "200 OK",
                                        "204 No Content",
                                        "206 Partial Content",
                                        "304 Not Modified",
                                        "400 Bad Request",
                                        "404 Not Found",
                                        "500 Internal Server Error"};
  return index >= 2 && index < 2 + std::size(texts) ? texts[index - 2] : std::string_view{};
}

// What the headers say first, while they are indexed: "GET /", "200 OK".
void say_headers(Message& message, u32 at, u32 end) {
  std::string_view method;
  std::string_view path;
  std::string_view status;
  for (; at < end && (message.data[at] & 0x80) != 0; ++at) {
    const u8 index = message.data[at] & 0x7f;
    if (index > 14) break;
    const auto text = static_text(index);
    if (index <= 3) method = text;
    if (index == 4 || index == 5) path = text;
    if (index >= 8) status = text;
  }
  auto& info = message.info();
  if (!status.empty()) info.append(": ").append(status);
  if (!method.empty() && !path.empty()) info.append(": ").append(method).append(" ").append(path);
}

void read_payload(Message& message, u64 type, u64 flags, u32 at, u32 end) {
  Reader reader{message, at, end};
  switch (type) {
    case data_frame:
      if (reader.more()) reader.bytes(in(fields, "http2.data.data"), reader.left());
      return;
    case headers:
      if ((flags & 8) != 0) reader.skip(1);     // padded
      if ((flags & 0x20) != 0) reader.skip(5);  // with a priority
      if (reader.good()) say_headers(message, reader.at(), end);
      return;
    case rst_stream:
      reader.number(in(fields, "http2.rst_stream.error"), 4);
      return;
    case settings:
      while (reader.left() >= 6) {
        reader.number(in(fields, "http2.settings.id"), 2);
        reader.skip(4);
      }
      return;
    case ping:
      reader.bytes(in(fields, "http2.ping"), 8);
      return;
    case goaway:
      reader.number(in(fields, "http2.goaway.last_stream_id"), 4);
      reader.number(in(fields, "http2.goaway.error"), 4);
      return;
    case window_update:
      reader.number(in(fields, "http2.window_update.window_size_increment"), 4);
      return;
    default:
      return;
  }
}

void add_name(Message& message, std::string_view name) {
  auto& info = message.info();
  if (!info.empty()) info += ", ";
  info += name;
}

void read_frame(Message& message, u32 at, u32 end) {
  Reader reader{message, at, end};
  reader.number(in(fields, "http2.length"), 3);
  const u64 type = reader.number(in(fields, "http2.type"), 1);
  const u64 flags = reader.number(in(fields, "http2.flags"), 1);
  const u64 stream = reader.take(4) & 0x7fffffff;
  message.put(in(fields, "http2.streamid"), at + 5, 4, stream);
  const auto* known = std::find_if(std::begin(type_names), std::end(type_names),
                                   [&](const Name& one) { return one.value == type; });
  const auto name = known == std::end(type_names) ? fmt::format("Unknown type ({})", type)
                                                  : std::string{known->text};
  add_name(message, fmt::format("{}[{}]", name, stream));
  read_payload(message, type, flags, at + header_size, end);
}

bool read_http2(Message& message) {
  if (!message.around.tcp) return false;
  message.clear_info();
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    const auto here = message.text(at, std::min<u32>(left, magic.size()));
    const bool begins = message.from_client() && here.starts_with("PRI") && magic.starts_with(here);
    const u32 least = begins ? static_cast<u32>(magic.size()) : header_size;
    if (left < least && message.waits()) {
      message.need(at, 0);
      return true;
    }
    if (left < least) return at != 0;
    const u32 whole = begins ? least : header_size + static_cast<u32>(message.number(at, 3));
    if (whole > left && message.waits()) {
      message.need(at, whole - left);
      return true;
    }
    const u32 size = std::min(whole, left);
    message.enter(http2.header, at, size);
    message.protocol("HTTP2");
    if (begins) {
      message.put_text(in(fields, "http2.magic"), at, size);
      add_name(message, "Magic");
    } else {
      read_frame(message, at, at + size);
    }
    message.leave();
    at += size;
  }
  return true;
}

}  // namespace

const Parser http2{
    .header = {.word = "http2",
               .name = "HyperText Transfer Protocol 2",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_http2
};

}  // namespace trama::parse
