#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

std::string text(const std::string& words) {
  return std::string{static_cast<char>(words.size() >> 8), static_cast<char>(words.size())} + words;
}

std::string packet(u8 first, const std::string& body) {
  std::string bytes{static_cast<char>(first)};
  std::size_t left = body.size();
  do {
    bytes += static_cast<char>(left % 128 | (left > 127 ? 128U : 0U));
    left /= 128;
  } while (left != 0);
  return bytes + body;
}

std::string connect(char version) {
  std::string body = text("MQTT") + version + '\x02' + std::string("\0\x3c", 2);
  if (version == 5) body += std::string("\x05\x11\0\0\0\x64", 6);
  return packet(0x10, body + text("client"));
}

TEST(Mqtt, TellsEveryKind) {
  Reading reading{1883};
  reading.client(connect(4));
  EXPECT_EQ(reading.info(), "Connect Command");
  EXPECT_EQ(reading.value("mqtt.clientid"), "client");
  EXPECT_EQ(reading.value("mqtt.ver"), "4");
  reading.client(packet(0x82, std::string("\0\1", 2) + text("a/b") + '\1' + text("c") + '\2'));
  EXPECT_EQ(reading.info(), "Subscribe Request (id=1) [a/b] [c]");
  EXPECT_EQ(reading.value("mqtt.sub.qos"), "1,2");
  reading.client(packet(0x33, text("a/b") + std::string("\0\5", 2) + "hello") + packet(0xc0, ""));
  EXPECT_EQ(reading.info(), "Publish Message (id=5) [a/b], Ping Request");
  EXPECT_EQ(reading.path(), "tcp:mqtt");
  EXPECT_EQ(reading.value("mqtt.msgtype"), "3,12");
  EXPECT_EQ(reading.value("mqtt.msg"), "68656c6c6f");
  reading.server(packet(0x90, std::string("\0\1\1\2", 4)));
  EXPECT_EQ(reading.value("mqtt.suback.qos"), "1,2");
}

TEST(Mqtt, ReadsVersionFivesProperties) {
  Reading reading{1883};
  reading.client(connect(5));
  EXPECT_EQ(reading.value("mqtt.prop_number"), "100");
  reading.client(packet(0x30, text("a/b") + std::string("\x03\x23\0\1", 4) + "x"));
  reading.client(packet(0x30, text("") + std::string("\x03\x23\0\1", 4) + "y"));
  EXPECT_EQ(reading.info(), "Publish Message [a/b]");
  reading.server(packet(0xe0, "\x8e"));
  EXPECT_EQ(reading.value("mqtt.disconnect.reason_code"), "142");
}

TEST(Mqtt, TellsTheSameWhereverAPacketIsCut) {
  const auto whole = packet(0x30, text("topic") + std::string(200, 'x'));
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    Reading reading{1883};
    reading.client(connect(4)).client(whole.substr(0, cut));
    EXPECT_TRUE(reading.told().unfinished) << cut;
    reading.client(whole.substr(cut) + packet(0xc0, ""));
    EXPECT_EQ(reading.info(), "Publish Message [topic], Ping Request") << cut;
  }
}

TEST(Mqtt, SaysWhatIsMalformed) {
  Reading reading{1883};
  reading.client(packet(0x40, std::string(1, '\0')));
  EXPECT_EQ(reading.info(), "Publish Ack");
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
  reading.client("\x30\xff\xff\xff\xff\xff");
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Mqtt, EndsWithEveryPacketsLength) {
  const auto whole = connect(5);
  for (std::size_t size = 2; size < whole.size(); ++size) {
    auto cut = whole.substr(0, size);
    cut[1] = static_cast<char>(size - 2);
    Reading reading{1883};
    reading.client(cut);
    EXPECT_FALSE(reading.told().unfinished) << size;
  }
}

}  // namespace
}  // namespace trama::parse::tests
