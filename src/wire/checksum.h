// The Internet checksum (RFC 1071), for the headers whose whole message is at hand.
#pragma once
#include "base/bytes.h"

namespace trama::wire {

// The sum so far and the big-endian 16-bit words of `count` bytes, an odd last one filled up.
constexpr u64 sum_words(const u8* bytes, u32 count, u64 sum = 0) {
  for (u32 i = 0; i + 1 < count; i += 2) sum += static_cast<u64>(bytes[i] << 8 | bytes[i + 1]);
  if (count % 2 != 0) sum += static_cast<u64>(bytes[count - 1] << 8);
  return sum;
}

// True where the sum of a message, its checksum included, says that nothing changed on the way.
constexpr bool checksum_is_right(u64 sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

// What Wireshark calls the outcome of a look at a checksum.
enum ChecksumStatus : u8 {
  checksum_bad = 0,
  checksum_good = 1,
  checksum_unverified = 2,
  checksum_not_present = 3,
  checksum_illegal = 4
};

}  // namespace trama::wire
