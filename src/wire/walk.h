// The deep path's view of one header while it is being read: a protocol's walk function gets it,
// puts the rows that its table cannot say, and may correct where the header ends and what follows.
#pragma once
#include "wire/header.h"

namespace trama::wire {

class Walk {
 public:
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  const u8* data;     // the header's first byte
  u32 captured;       // bytes at hand from there, inside what outer headers allow
  u32 length;         // bytes on the wire from there: header and payload; a walk may shorten it
  u32 header_length;  // a walk may correct it
  u64 selector = 0;   // what the table read; a walk may correct it ...
  Space space;        // ... and whose number it is; Space::none: payload is data
  bool has_payload = true;
  bool even_empty = false;  // what follows is there even where no byte is left for it
  std::string_view path;    // in frame.protocols; a walk may correct it, "" for none

  // What stands around: nullptr where there is none.
  const u8* network = nullptr;  // the IP header that carries this one (its source and destination)
  bool network_v6 = false;
  bool quoted = false;  // an ICMP error quotes it
  i64 time = 0;         // the packet's, nanoseconds since 1970

  [[nodiscard]] u32 payload_length() const {
    return length > header_length ? length - header_length : 0;
  }
  [[nodiscard]] u32 payload_captured() const {
    return captured > header_length ? captured - header_length : 0;
  }
  // `count` bytes at `at` are at hand.
  [[nodiscard]] bool whole(u32 at, u32 count) const {
    return at <= captured && count <= captured - at;
  }
  [[nodiscard]] u64 number(u32 at, u32 count) const {  // big-endian, up to 8 bytes, all at hand
    u64 value = 0;
    for (u32 i = 0; i < count; ++i) value = value << 8 | data[at + i];
    return value;
  }

  virtual void put(const Field& field, u32 at, u32 count, u64 value) = 0;
  // The bytes themselves are the value (Show::bytes, ipv6, text).
  virtual void put_bytes(const Field& field, u32 at, u32 count) = 0;
  virtual void put_text(const Field& field, u32 at, u32 count, std::string_view text) = 0;
  // The payload is a fragment of a datagram that `id` names: its bytes belong at `at`. Where that
  // makes the datagram whole, its bytes are what follows; else the payload is data.
  virtual void fragment(u32 id, u32 at, bool more) = 0;
  // The bytes do not follow their protocol's rules.
  virtual void malformed(u32 at) = 0;
  // The bytes end before what their header promises.
  virtual void cut() = 0;

 protected:
  Walk() = default;
  ~Walk() = default;
};

// The number at `at`, if it is at hand, as a row.
inline void put_number(Walk& walk, const Field& field, u32 at, u32 count) {
  if (walk.whole(at, count)) walk.put(field, at, count, walk.number(at, count));
}

// The bytes at `at`, if they are at hand, as a row.
inline void put_piece(Walk& walk, const Field& field, u32 at, u32 count) {
  if (walk.whole(at, count)) walk.put_bytes(field, at, count);
}

}  // namespace trama::wire
