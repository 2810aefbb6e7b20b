#include "wire/header.h"

#include <gtest/gtest.h>

#include <random>

#include "wire/registry.h"

namespace trama::wire {
namespace {

// A usual header is one that the long way would take for the same: not odd, of the fixed length.
TEST(Header, UsualMeansNotOddAndNoLongerThanItsFixedPart) {
  std::mt19937 random{7};
  for (const Header* header : headers) {
    if (header->usual == never) continue;
    int usual = 0;
    for (int round = 0; round < 200000; ++round) {
      u8 bytes[64] = {};
      for (unsigned i = 0; i < header->size(); ++i) bytes[i] = static_cast<u8>(random());
      if (round % 2 == 0) bytes[0] = 0x45;
      if (round % 4 != 3) bytes[6] = bytes[7] = static_cast<u8>(round % 8 == 0 ? 0x40 : 0);
      if (!header->usual(bytes)) continue;
      ++usual;
      ASSERT_NE(header->odd, nullptr) << header->word;
      ASSERT_FALSE(header->odd(bytes)) << header->word << ' ' << round;
      if (header->length.empty()) continue;
      ASSERT_EQ(read(*field_of(*header, header->length), bytes), header->size()) << header->word;
    }
    EXPECT_GT(usual, 1000) << header->word;
  }
}

}  // namespace
}  // namespace trama::wire
