// What the files of HTTP/1 share: a message's head as far as its body needs it, and the bodies.
#pragma once
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/http_fields.h"

namespace trama::parse::http_message {

enum class Kind : u8 { other, request, response, notification };
enum class Coding : u8 { none, chunked, other };

struct Head {
  Kind kind = Kind::other;
  u32 at = 0;           // of the first line ...
  Line first;           // ... that line
  u32 body = 0;         // where the body starts
  bool ends = false;    // the empty line came
  bool lines = false;   // at least one line is HTTP's
  bool broken = false;  // its last header line is cut
  std::string_view method, uri, version;
  u16 code = 0;
  bool has_length = false;
  u64 length = 0;
  Coding coding = Coding::none;
  std::string_view type;      // Content-Type, as it stands
  std::string_view encoding;  // Content-Encoding
  std::string_view host, upgrade;
};

// What a line starts: by its first word.
Kind kind_of(std::string_view line);
// Reads the head at `at`, without rows.
Head read_head(const Message& message, u32 at);
// Its rows.
void put_head(Message& message, const Head& head);

// A chunked body that starts at `at`: where it ends.
struct Chunks {
  bool whole = false;
  bool broken = false;  // a size that is none: what follows is lost
  u32 end = 0;
  u64 size = 0;  // of all chunks' bytes
};
Chunks find_chunks(const Message& message, u32 at);

// A body without its transfer coding.
void read_coded(Message& message, const Head& head, const u8* bytes, u32 count);
// The body's rows and layers, and what the columns say of it. Returns where what follows starts.
u32 read_body(Message& message, const Head& head, u32 size);

}  // namespace trama::parse::http_message
