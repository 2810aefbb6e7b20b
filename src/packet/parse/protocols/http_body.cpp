// The body of an HTTP/1 message: how it is carried (RFC 9112 sections 6 and 7), compressed, and
// what it is by its Content-Type.
#include <zlib.h>

#include <algorithm>
#include <charconv>

#include "packet/parse/protocols/http.h"
#include "packet/parse/protocols/media.h"
#include "wire/registry.h"

namespace trama::parse::http_message {
namespace {

using wire::in;

constexpr std::size_t most_clear = 4U << 20;  // of a compressed body

struct ChunkLine {
  u64 size = 0;
  bool valid = false;
};

ChunkLine chunk_size(std::string_view line) {
  line = line.substr(0, line.find(';'));
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  ChunkLine chunk;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), chunk.size, 16);
  chunk.valid = error == std::errc{} && end != line.data() && chunk.size <= 1U << 31;
  return chunk;
}

// Decompresses gzip or zlib bytes; 0 where they are neither, or damaged from the start.
u32 inflate_body(const u8* bytes, u32 count, u8* out, u32 room) {
  for (const int window : {15 + 32, -15}) {
    z_stream stream{};
    if (inflateInit2(&stream, window) != Z_OK) return 0;
    stream.next_in = const_cast<u8*>(bytes);  // NOLINT: zlib reads only
    stream.avail_in = count;
    stream.next_out = out;
    stream.avail_out = room;
    inflate(&stream, Z_SYNC_FLUSH);
    inflateEnd(&stream);
    if (stream.total_out != 0) return static_cast<u32>(stream.total_out);
  }
  return 0;
}

bool is_compressed(std::string_view encoding) {
  for (const std::string_view known : {"gzip", "deflate", "x-gzip", "x-deflate"})
    if (encoding.size() >= known.size() && same_word(encoding.substr(0, known.size()), known))
      return true;
  return false;
}

void put_chunks(Message& message, u32 at, const Chunks& chunks, u8* clear) {
  u32 next = at;
  while (next < chunks.end) {
    const Line line = line_at(message, next);
    const auto chunk = chunk_size(message.text(line.at, line.size));
    if (!line.ended || !chunk.valid) return;
    message.put(in(http_fields, "http.chunk_size"), line.at, line.next - line.at, chunk.size);
    if (chunk.size == 0) {
      next = line.next;
      break;
    }
    const u32 here = static_cast<u32>(std::min<u64>(chunk.size, message.captured - line.next));
    message.put_bytes(in(http_fields, "http.chunk_data"), line.next, here);
    clear = std::copy_n(message.data + line.next, here, clear);
    next = line.next + here;
    const u32 end = std::min<u32>(2, message.captured - next);
    if (end != 0) message.put_bytes(in(http_fields, "http.chunk_boundary"), next, end);
    next += end;
  }
  while (next < chunks.end) {
    const Line line = line_at(message, next);
    if (line.size != 0)
      message.put_text(in(http_fields, "http.chunked_trailer_part"), line.at, line.next - line.at);
    next = line.next;
  }
}

void read_plain(Message& message, const Head& head, const u8* bytes, u32 count) {
  if (message.rows())
    message.put_text(in(http_fields, "http.file_data"), 0, count,
                     {reinterpret_cast<const char*>(bytes), count});
  if (count != 0) read_media(message, head.type, bytes, count);
}

}  // namespace

Chunks find_chunks(const Message& message, u32 at) {
  Chunks chunks;
  u32 next = at;
  for (;;) {
    chunks.end = next;
    if (next >= message.captured) return chunks;
    const Line line = line_at(message, next);
    if (!line.ended) return chunks;
    const auto chunk = chunk_size(message.text(line.at, line.size));
    if (!chunk.valid) {
      chunks.whole = chunks.broken = true;
      return chunks;
    }
    if (message.captured - line.next <= chunk.size) {
      chunks.size += message.captured - line.next;
      chunks.end = message.captured;
      return chunks;
    }
    chunks.size += chunk.size;
    next = line.next + static_cast<u32>(chunk.size);
    if (chunk.size != 0) {
      next = std::min(next + 2, message.captured);
      continue;
    }
    chunks.whole = true;
    while (next < message.captured) {  // trailer
      const Line trailer = line_at(message, next);
      if (!trailer.ended && trailer.size > 1) break;
      next = trailer.next;
      if (trailer.size == 0) break;
    }
    chunks.end = next;
    return chunks;
  }
}

u32 read_body(Message& message, const Head& head, u32 size) {
  const u32 end = head.body + size;
  const u8* bytes = message.data + head.body;
  u32 count = size;
  if (head.coding == Coding::chunked) {
    const Chunks chunks = find_chunks(message, head.body);
    const auto clear_size = static_cast<u32>(chunks.size);
    u8* clear = message.keep(clear_size);
    put_chunks(message, head.body, chunks, clear);
    bytes = clear;
    count = clear_size;
    if (chunks.broken) {
      message.malformed();
      return message.captured;
    }
    if (count == 0 || !chunks.whole) return chunks.end;
    read_coded(message, head, bytes, count);
    return chunks.end;
  }
  if (head.coding == Coding::other) {
    read_media(message, "application/octet-stream", bytes, count);
    return end;
  }
  read_coded(message, head, bytes, count);
  return end;
}

void read_coded(Message& message, const Head& head, const u8* bytes, u32 count) {
  if (head.encoding.empty() || same_word(head.encoding, "identity"))
    return read_plain(message, head, bytes, count);
  if (!message.rows()) {  // what the columns say does not depend on the bytes
    if (is_compressed(head.encoding)) read_media(message, head.type, bytes, count);
    return;
  }
  if (is_compressed(head.encoding)) {
    const auto room = static_cast<u32>(std::min<u64>(most_clear, u64{count} * 64 + 1024));
    u8* clear = message.keep(room);
    if (const u32 size = inflate_body(bytes, count, clear, room); size != 0)
      return read_plain(message, head, clear, size);
  }
  read_media(message, "application/octet-stream", bytes, count);
}

}  // namespace trama::parse::http_message
