#include "lab/segment.h"

#include <gtest/gtest.h>

#include <vector>

namespace trama::lab {
namespace {

std::vector<u8> bytes_of(std::string_view hex) {
  std::vector<u8> bytes;
  std::string digits;
  for (const char c : hex)
    if (c != ' ') digits += c;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(static_cast<u8>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

constexpr std::string_view ethernet_v4 = "020000090002 020000090001 0800";

TEST(Segment, ReadsTcpOverIpv4) {
  const auto frame = bytes_of(std::string{ethernet_v4} +
                              "4500002a 00010000 40060000 0a090001 0a090002"
                              "9c40 ff98 00000001 00000002 5018 ffff 0000 0000 6f69 0000");
  const auto segment = segment_of(frame);
  ASSERT_TRUE(segment);
  EXPECT_EQ(to_string(segment->source), "10.9.0.1:40000");
  EXPECT_EQ(to_string(segment->destination), "10.9.0.2:65432");
  EXPECT_TRUE(segment->psh && segment->ack);
  EXPECT_FALSE(segment->syn || segment->fin || segment->rst);
  EXPECT_EQ(segment->payload, 2U);  // the padding behind the packet is none
  for (std::size_t cut = 0; cut < 14 + 20 + 4; ++cut)
    EXPECT_FALSE(segment_of(Bytes{frame}.first(cut))) << cut;
}

TEST(Segment, ReadsUdpOverIpv6) {
  const auto segment =
      segment_of(bytes_of("020000090002 020000090001 86dd 60000000 000a 11 40"
                          "fd000009000000000000000000000001 fd000009000000000000000000000002"
                          "9c40 ff97 000a 0000 6f69"));
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->transport, host::Transport::udp);
  EXPECT_EQ(to_string(segment->destination), "[fd00:9::2]:65431");
  EXPECT_EQ(segment->payload, 2U);
}

TEST(Segment, AnIcmpErrorSpeaksOfTheConversationThatItQuotes) {
  const auto segment =
      segment_of(bytes_of(std::string{ethernet_v4} + "4500003a 00010000 40010000 0a090002 0a090001"
                                                     "0303 0000 00000000"
                                                     "4500001e 00010000 40110000 0a090001 0a090002"
                                                     "9c40 ff97 000a 0000"));
  ASSERT_TRUE(segment);
  EXPECT_TRUE(segment->quoted);
  EXPECT_EQ(to_string(segment->source), "10.9.0.2:65431");  // at the sender of the error
  EXPECT_EQ(to_string(segment->destination), "10.9.0.1:40000");
}

TEST(Segment, OtherFramesBelongToNone) {
  EXPECT_FALSE(segment_of(bytes_of("ffffffffffff 020000090001 0806 0001080006040001")));
  // A later fragment has no ports, whatever its first bytes look like.
  EXPECT_FALSE(segment_of(bytes_of(std::string{ethernet_v4} +
                                   "4500002a 00010010 40060000 0a090001 0a090002"
                                   "9c40 ff98 00000001 00000002 5018 ffff 0000 0000 6f69")));
}

}  // namespace
}  // namespace trama::lab
