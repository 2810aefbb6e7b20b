// Who counts as talking with whom: as in tshark, headers that cannot be what they claim do not.
#include "packet/stats/pairs.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"

namespace trama::stats {
namespace {

std::size_t pairs(PairKind kind, std::vector<u8> frame) {
  tests::Kept kept{std::move(frame)};
  dissect::mark(kept.packet(), 1);
  const source::Interface interface;
  dissect::Tree tree;
  tree.dissect(kept.packet(), interface);
  std::vector<Pair> found;
  pairs_of(kind, {kept.packet(), interface, tree, nullptr, nullptr, 0}, found);
  return found.size();
}

std::vector<u8> segment() {
  return tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({.flags = 16, .payload = "x"})));
}

TEST(Pairs, OfASoundPacketEachHeaderCounts) {
  for (const PairKind kind : {PairKind::eth, PairKind::ip, PairKind::tcp})
    EXPECT_EQ(pairs(kind, segment()), 1U);
  EXPECT_EQ(pairs(PairKind::udp, segment()), 0U);
  EXPECT_EQ(pairs(PairKind::ipv6, segment()), 0U);
}

TEST(Pairs, ATcpHeaderThatCannotBeCountsForNobody) {
  for (const unsigned words : {4U, 15U}) {  // less than its fixed part; more than there is
    auto frame = segment();
    frame[14 + 20 + 12] = static_cast<u8>(words << 4);
    EXPECT_EQ(pairs(PairKind::tcp, frame), 0U) << words;
    EXPECT_EQ(pairs(PairKind::ip, frame), 1U) << words;
  }
}

TEST(Pairs, AnIpHeaderThatCannotBeCountsForNobody) {
  auto frame = segment();
  frame[14] = 0x44;
  EXPECT_EQ(pairs(PairKind::ip, frame), 0U);
  EXPECT_EQ(pairs(PairKind::eth, frame), 1U);
  auto other = segment();
  other[14] = 0x55;  // version 5
  EXPECT_EQ(pairs(PairKind::ip, other), 0U);
}

TEST(Pairs, ADatagramOfLessThanItsHeaderCountsForNobody) {
  auto frame = tests::ethernet(0x0800, tests::ipv4(17, tests::udp(5, 7, "hello")));
  EXPECT_EQ(pairs(PairKind::udp, frame), 1U);
  frame[14 + 20 + 5] = 7;
  EXPECT_EQ(pairs(PairKind::udp, frame), 0U);
}

}  // namespace
}  // namespace trama::stats
