#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

using namespace std::string_literals;  // NOLINT: messages with zeros

std::string packet(char number, const std::string& body) {
  return static_cast<char>(body.size()) + "\0\0"s + number + body;
}

const std::string greeting = packet(0, "\x0a" + "8.0.1\0\1\0\0\0"s + "saltsalt\0"s);

TEST(Mysql, TellsACommandAndHowItWent) {
  Reading reading{3306};
  reading.server(greeting);
  EXPECT_EQ(reading.info(), "Server Greeting  proto=10 version=8.0.1 ");
  reading.client(
      packet(1, "\x08\xa6\0\0\0\0\0\1\x21"s + std::string(23, '\0') + "bob\0\2pwtest\0"s));
  EXPECT_EQ(reading.info(), "Login Request user=bob db=test ");
  reading.server(packet(2, "\0\0\0\2\0\0\0"s));
  EXPECT_EQ(reading.info(), "Response  OK ");
  reading.client(packet(0, "\3select 1"));
  EXPECT_EQ(reading.info(), "Request Query");
  EXPECT_EQ(reading.value("mysql.query"), "select 1");
  const auto found = packet(1, "\1") + packet(2, "\3def");
  reading.server(found.substr(0, 7)).server(found.substr(7));
  EXPECT_EQ(reading.value("mysql.packet_number"), "2");
  reading.client(packet(0, "\3no")).server(packet(1, "\xff\x28\4#42000wrong"));
  EXPECT_EQ(reading.info(), "Response  Error 1064 ");
  EXPECT_EQ(reading.value("mysql.error.message"), "wrong");
}

TEST(Mysql, HandsOverToTls) {
  Reading reading{3306};
  reading.server(greeting).client(packet(1, "\x08\xae\0\0\0\0\0\1\x21"s + std::string(23, '\0')));
  EXPECT_EQ(reading.info(), "Response: SSL Handshake user= ");
  reading.client("\x15\x03\x03\x00\x02\x01\x00"s);
  EXPECT_EQ(reading.path(), "tcp:tls");
}

TEST(Mysql, SaysWhatIsMalformed) {
  Reading reading{3306};
  reading.server(greeting).client(packet(1, "\x08"));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

}  // namespace
}  // namespace trama::parse::tests
