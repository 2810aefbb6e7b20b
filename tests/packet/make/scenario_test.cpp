#include "packet/make/scenario.h"

#include <gtest/gtest.h>

#include "wire/checksum.h"

namespace trama::make {
namespace {

std::vector<Player::Frame> frames_of(std::string_view text) {
  const auto lines = read_scenario(text, "story");
  EXPECT_TRUE(lines) << lines.error().sentence;
  Player player;
  std::vector<Player::Frame> frames;
  for (const Line& line : *lines) frames.push_back(player.play(line));
  return frames;
}

u32 number(const std::vector<u8>& bytes, std::size_t at, unsigned count) {
  u32 value = 0;
  for (unsigned i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

constexpr std::size_t ip = 14, segment = ip + 20;

std::string refusal(std::string_view text) {
  const auto lines = read_scenario(text, "story");
  if (lines) return "";
  EXPECT_EQ(lines.error().exit, Exit::bad_input);
  return lines.error().sentence;
}

TEST(Scenario, CountsNumbersAsKernelsDo) {
  const auto frames = frames_of("c SYN\ns SYN ACK\nc ACK\nc PSH ACK \"four\"\ns ACK\n");
  ASSERT_EQ(frames.size(), 5U);
  const u32 client = number(frames[0].bytes, segment + 4, 4);
  const u32 server = number(frames[1].bytes, segment + 4, 4);
  EXPECT_EQ(number(frames[0].bytes, segment + 8, 4), 0U);
  EXPECT_EQ(number(frames[1].bytes, segment + 8, 4), client + 1);
  EXPECT_EQ(number(frames[3].bytes, segment + 4, 4), client + 1);
  EXPECT_EQ(number(frames[3].bytes, segment + 8, 4), server + 1);
  EXPECT_EQ(number(frames[4].bytes, segment + 8, 4), client + 5);
}

TEST(Scenario, ChecksumsAreRight) {
  for (const auto& frame : frames_of("c SYN mss=1460\ns udp \"odd\"\ns icmp 3/3\n")) {
    const auto& bytes = frame.bytes;
    EXPECT_TRUE(wire::checksum_is_right(wire::sum_words(bytes.data() + ip, 20)));
    const auto size = static_cast<u32>(bytes.size() - segment);
    const u8 protocol = bytes[ip + 9];
    u64 sum = wire::sum_words(bytes.data() + segment, size);
    if (protocol != 1) sum += wire::sum_words(bytes.data() + ip + 12, 8) + protocol + size;
    EXPECT_TRUE(wire::checksum_is_right(sum)) << int{protocol};
  }
}

TEST(Scenario, AgainIsANewPacketAndCopyIsNot) {
  const auto frames = frames_of("c PSH ACK \"x\"\nc again after 200\nc copy after 0.5\n");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_NE(number(frames[0].bytes, ip + 4, 2), number(frames[1].bytes, ip + 4, 2));
  EXPECT_EQ(number(frames[0].bytes, segment + 4, 4), number(frames[1].bytes, segment + 4, 4));
  EXPECT_EQ(frames[1].bytes, frames[2].bytes);
  EXPECT_EQ(frames[1].time - frames[0].time, 200'000'000);
  EXPECT_EQ(frames[2].time - frames[1].time, 500'000);
}

TEST(Scenario, TextsHaveEscapes) {
  const auto lines = read_scenario(R"(c udp "a\"b\n\x00|\\" )", "story");
  ASSERT_FALSE(lines);  // a bar ends the packet's part, in a text, too
  const auto bare = read_scenario(R"(c udp "a\"b\n\x00\\" )", "story");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->front().payload, std::string("a\"b\n\0\\", 6));
}

TEST(Scenario, OptionsFillFourBytes) {
  const auto frames = frames_of("c SYN mss=1460 sackok wscale=7\ns ACK sack=5-9 ts=1/2\n");
  EXPECT_EQ(frames[0].bytes.size(), segment + 20 + 12);
  EXPECT_EQ(number(frames[0].bytes, segment + 20, 4), 0x020405b4U);
  EXPECT_EQ(frames[1].bytes.size(), segment + 20 + 24);
}

TEST(Scenario, SaysWhichLineAndWordIsWrong) {
  EXPECT_NE(refusal("# fine\n\nc SYNC\n").find("story:3: \"SYNC\""), std::string::npos);
  EXPECT_NE(refusal("x SYN\n").find("story:1:"), std::string::npos);
  for (const auto* wrong : {"c seq=", "c seq=1x", "c win=65536", "c SYN=1", "c \"open", "c icmp 3",
                            "c after", "c after -1", "c mss=65536", "c udp \"\\xg0\"",
                            "c bytes=999999", "c ts=1", "c sack=1", "c hex=0", "c to=0"})
    EXPECT_NE(refusal(wrong), "") << wrong;
}

TEST(Scenario, AnIcmpErrorAboutNothingIsMade) {
  EXPECT_EQ(frames_of("s icmp 3/1\n").front().bytes.size(), segment + 8);
}

}  // namespace
}  // namespace trama::make
