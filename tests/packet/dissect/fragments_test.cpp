#include "packet/dissect/fragments.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/tree.h"
#include "wire/registry.h"

namespace trama::tests {
namespace {

using dissect::Fragments;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}
std::string text_of(const Fragments::Datagram& datagram) {
  return {datagram.bytes.begin(), datagram.bytes.end()};
}

Fragments::Key key(u32 id) {
  Fragments::Key key;
  key.id = id;
  return key;
}

TEST(Fragments, ComeTogetherInAnyOrder) {
  Fragments fragments;
  Fragments::Datagram whole;
  EXPECT_FALSE(fragments.add(key(1), 16, bytes_of("end"), false, 1, whole));
  EXPECT_FALSE(fragments.add(key(1), 0, bytes_of("abcdefgh"), true, 2, whole));
  ASSERT_TRUE(fragments.add(key(1), 8, bytes_of("ijklmnop"), true, 3, whole));
  EXPECT_EQ(text_of(whole), "abcdefghijklmnopend");
  ASSERT_EQ(whole.pieces.size(), 3U);
  EXPECT_EQ(whole.pieces[0].packet, 2U);
  EXPECT_EQ(whole.pieces[2].packet, 1U);
}

TEST(Fragments, OfDifferentDatagramsDoNotMix) {
  Fragments fragments;
  Fragments::Datagram whole;
  EXPECT_FALSE(fragments.add(key(1), 0, bytes_of("aaaaaaaa"), true, 1, whole));
  EXPECT_FALSE(fragments.add(key(2), 8, bytes_of("b"), false, 2, whole));
  ASSERT_TRUE(fragments.add(key(1), 8, bytes_of("c"), false, 3, whole));
  EXPECT_EQ(text_of(whole), "aaaaaaaac");
}

TEST(Fragments, KeepTheBytesThatCameFirst) {
  Fragments fragments;
  Fragments::Datagram whole;
  EXPECT_FALSE(fragments.add(key(1), 0, bytes_of("AAAAAAAA"), true, 1, whole));
  EXPECT_FALSE(fragments.add(key(1), 0, bytes_of("bbbbbbbbbbbbbbbb"), true, 2, whole));
  ASSERT_TRUE(fragments.add(key(1), 16, bytes_of("c"), false, 3, whole));
  EXPECT_EQ(text_of(whole), "AAAAAAAAbbbbbbbbc");
}

TEST(Fragments, HoldNoMoreThanTheirBounds) {
  Fragments fragments;
  Fragments::Datagram whole;
  const std::string large(60000, 'x');
  for (u32 id = 0; id < 5000; ++id)
    EXPECT_FALSE(fragments.add(key(id), 0, bytes_of(large), true, id, whole));
  // The first ones were given up, the last ones wait.
  EXPECT_FALSE(fragments.add(key(0), 60000, bytes_of("e"), false, 5000, whole));
  EXPECT_TRUE(fragments.add(key(4999), 60000, bytes_of("e"), false, 5001, whole));
}

TEST(Fragments, RefuseWhatNoDatagramHolds) {
  Fragments fragments;
  Fragments::Datagram whole;
  EXPECT_FALSE(fragments.add(key(1), 65528, bytes_of("123456789"), false, 1, whole));
  EXPECT_FALSE(fragments.add(key(1), 0, {}, false, 1, whole));
}

// A UDP datagram in two fragments: the second one shows it.
TEST(Fragments, ShowTheDatagramWhereItIsWhole) {
  const auto datagram = udp(1000, 2000, "abcdefghijklmnopqrstuvwx");  // 32 bytes with its header
  const auto part = [&](std::size_t from, std::size_t to, u16 flags) {
    auto packet = ipv4(
        17, {datagram.begin() + static_cast<long>(from), datagram.begin() + static_cast<long>(to)});
    packet[6] = static_cast<u8>(flags >> 8);
    packet[7] = static_cast<u8>(flags);
    return ethernet(0x0800, packet);
  };
  Fragments fragments;
  dissect::Tree tree;
  const Kept first{part(0, 16, 0x2000), 1};
  tree.dissect(first.packet(), {}, &fragments);
  EXPECT_EQ(tree.innermost(wire::udp), nullptr);
  const Kept second{part(16, 32, 2), 2};
  tree.dissect(second.packet(), {}, &fragments);
  ASSERT_NE(tree.innermost(wire::udp), nullptr);
  EXPECT_EQ(tree.find(wire::in(wire::udp_fields, "udp.dstport"))->value, 2000U);
  EXPECT_EQ(tree.find(wire::in(wire::ip_found, "ip.fragment.count"))->value, 2U);
  EXPECT_EQ(tree.find(wire::in(wire::ip_found, "ip.reassembled.length"))->value, 32U);
  EXPECT_EQ(tree.payload().captured, 24U);
}

}  // namespace
}  // namespace trama::tests
