// Pictures in bodies, told by their first bytes: GIF, JPEG and PNG (ISO/IEC 15948). Their frames
// are followed only to say whether they are whole.
#include <algorithm>

#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

// clang-format off
constexpr auto gif_fields = std::to_array<Field>({
    {"image-gif.version", 0, Show::text, N_("version of the format")},
    {"image-gif.screen.width", 0, Show::dec, N_("dots from left to right")},
    {"image-gif.screen.height", 0, Show::dec, N_("dots from top to bottom")},
});
constexpr auto jpeg_fields = std::to_array<Field>({
    {"image-jfif.marker", 0, Show::hex4, N_("kind of a part")},
});
constexpr auto png_fields = std::to_array<Field>({
    {"png.signature", 0, Show::bytes, N_("by which the format is told")},
    {"png.chunk.len", 0, Show::dec, N_("bytes of a part")},
    {"png.chunk.type", 0, Show::text, N_("kind of a part")},
    {"png.ihdr.width", 0, Show::dec, N_("dots from left to right")},
    {"png.ihdr.height", 0, Show::dec, N_("dots from top to bottom")},
});
// clang-format on

constexpr u32 least = 20;  // bytes of a picture

u32 low_first(const Message& message, u32 at) {
  return message.data[at] | static_cast<u32>(message.data[at + 1]) << 8;
}

// Behind the sub-blocks at `at`; beyond the end where they are not whole.
u32 skip_blocks(const Message& message, u32 at) {
  while (at < message.captured && message.data[at] != 0) at += 1U + message.data[at];
  return at + 1;
}

bool is_whole_gif(const Message& message) {
  const auto table = [](u8 flags) { return (flags & 0x80) != 0 ? 3U << ((flags & 7U) + 1) : 0U; };
  u32 at = 13 + table(message.data[10]);
  while (at < message.captured) {
    const u8 kind = message.data[at];
    if (kind == 0x21)
      at = skip_blocks(message, at + 2);
    else if (kind == 0x2c && message.whole(at, 10))
      at = skip_blocks(message, at + 11 + table(message.data[at + 9]));
    else
      return kind != 0x2c;
  }
  return false;
}

bool read_gif(Message& message) {
  const auto mark = message.text(0, std::min(message.captured, 6U));
  if (message.captured < least || (mark != "GIF87a" && mark != "GIF89a")) return false;
  message.enter(image_gif.header);
  message.put_text(in(gif_fields, "image-gif.version"), 0, 6);
  message.put(in(gif_fields, "image-gif.screen.width"), 6, 2, low_first(message, 6));
  message.put(in(gif_fields, "image-gif.screen.height"), 8, 2, low_first(message, 8));
  message.info().append(" (").append(mark) += ')';
  if (!is_whole_gif(message)) message.malformed();
  return true;
}

bool read_jpeg(Message& message) {
  if (message.captured < least || message.number(0, 3) != 0xffd8ff ||
      (message.data[3] != 0xe0 && message.data[3] != 0xe1))
    return false;
  message.enter(image_jfif.header);
  for (u32 at = 0; message.whole(at, 4) && message.data[at] == 0xff;) {
    const u64 marker = message.put_number(in(jpeg_fields, "image-jfif.marker"), at, 2);
    if (marker == 0xffda) break;  // what follows is the picture itself
    at += marker == 0xffd8 ? 2 : 2 + static_cast<u32>(message.number(at + 2, 2));
  }
  message.info() += " (JPEG JFIF image)";
  return true;
}

bool read_png(Message& message) {
  constexpr u64 signature = 0x89504e470d0a1a0a;
  if (message.captured < least || message.number(0, 8) != signature) return false;
  message.enter(png.header);
  message.put_bytes(in(png_fields, "png.signature"), 0, 8);
  message.info() += " (PNG)";
  for (u32 at = 8; at < message.captured;) {
    const u64 size = message.put_number(in(png_fields, "png.chunk.len"), at, 4);
    if (!message.whole(at, 12) || size > message.captured - at - 12) {
      message.malformed();
      break;
    }
    message.put_ascii(in(png_fields, "png.chunk.type"), at + 4, 4);
    if (message.text(at + 4, 4) == "IHDR" && size >= 8) {
      message.put_number(in(png_fields, "png.ihdr.width"), at + 8, 4);
      message.put_number(in(png_fields, "png.ihdr.height"), at + 12, 4);
    }
    at += 12 + static_cast<u32>(size);
  }
  return true;
}

}  // namespace

const Parser image_gif{
    .header = {.word = "image-gif",
               .name = "Compuserve GIF",
               .layer = 7,
               .fields = {},
               .found = gif_fields},
    .read = read_gif
};
const Parser image_jfif{
    .header = {.word = "image-jfif",
               .name = "JPEG File Interchange Format",
               .layer = 7,
               .fields = {},
               .found = jpeg_fields},
    .read = read_jpeg
};
const Parser png{
    .header = {.word = "png",
               .name = "Portable Network Graphics",
               .layer = 7,
               .fields = {},
               .found = png_fields},
    .read = read_png
};

}  // namespace trama::parse
