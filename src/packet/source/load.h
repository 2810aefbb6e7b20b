// Numbers of a capture file, in the byte order that the file was written in. Loads need no
// alignment; the bounds are the caller's.
#pragma once
#include <bit>
#include <cstring>

#include "base/bytes.h"

namespace trama::source {

static_assert(std::endian::native == std::endian::little, "the byte order of amd64 and arm64");

inline u16 load16(const u8* at, bool big_endian) {
  u16 value;
  std::memcpy(&value, at, sizeof value);
  return big_endian ? __builtin_bswap16(value) : value;
}
inline u32 load32(const u8* at, bool big_endian) {
  u32 value;
  std::memcpy(&value, at, sizeof value);
  return big_endian ? __builtin_bswap32(value) : value;
}
inline u64 load64(const u8* at, bool big_endian) {
  u64 value;
  std::memcpy(&value, at, sizeof value);
  return big_endian ? __builtin_bswap64(value) : value;
}

// pcapng pads everything to 32 bits (draft-ietf-opsawg-pcapng section 3.4).
constexpr u64 padded4(u64 length) { return (length + 3) & ~u64{3}; }

}  // namespace trama::source
