#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

const std::string accepted_5 = bytes({5, 0, 0, 1, 10, 1, 1, 1, 0, 80});

TEST(Socks, Version5WithANameAndAPassword) {
  Reading reading{1080};
  reading.client(bytes({5, 2, 0, 2}));
  EXPECT_EQ(reading.info(), "Version: 5 Connect to server request");
  EXPECT_EQ(reading.value("socks.auth_method"), "0,2");
  reading.server(bytes({5, 2}));
  EXPECT_EQ(reading.value("socks.auth_accepted_method"), "2");
  reading.client(bytes({1, 3}) + "ana" + bytes({2}) + "xy");
  EXPECT_EQ(reading.info(), "Version: 5 User authentication request");
  EXPECT_EQ(reading.value("socks.username"), "ana");
  EXPECT_EQ(reading.value("socks.password"), "xy");
  reading.server(bytes({1, 0}));
  reading.client(bytes({5, 1, 0, 3, 11}) + "example.org" + bytes({0, 80}));
  EXPECT_EQ(reading.info(), "Version: 5 Command Request - Connect");
  EXPECT_EQ(reading.value("socks.remote_name"), "example.org");
  EXPECT_EQ(reading.value("socks.port"), "80");
  reading.server(accepted_5);
  EXPECT_EQ(reading.value("socks.results"), "0");
  EXPECT_EQ(reading.value("socks.dst"), "10.1.1.1");
  reading.client("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  EXPECT_EQ(reading.path(), "tcp:socks:http");
  EXPECT_EQ(reading.value("http.host"), "example.org");
}

TEST(Socks, Version4AndItsNames) {
  Reading reading{1080};
  reading.client(bytes({4, 1, 0, 80, 0, 0, 0, 1}) + "joe" + bytes({0}) + "example.org" +
                 bytes({0}));
  EXPECT_EQ(reading.value("socks.username"), "joe");
  EXPECT_EQ(reading.value("socks.v4a_dns_name"), "example.org");
  EXPECT_EQ(reading.value("socks.dstport"), "80");
  reading.server(bytes({0, 90, 0, 80, 10, 3, 3, 3}));
  EXPECT_EQ(reading.info(), "Version: 4 Connect Response");
  reading.client("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(reading.path(), "tcp:socks:http");
}

TEST(Socks, WhatComesInPiecesIsPutTogether) {
  Reading reading{1080};
  reading.client(bytes({5, 1}));
  EXPECT_TRUE(reading.told().unfinished);
  reading.client(bytes({0}));
  EXPECT_EQ(reading.value("socks.auth_method"), "0");
  reading.server(bytes({5, 0}));
  reading.client(bytes({5, 1, 0, 1, 10, 0, 0, 9, 0, 80}));
  reading.server(accepted_5);
  reading.client("GET / HTTP/1.1\r\nHo");
  reading.client("st: x\r\n\r\n");
  EXPECT_EQ(reading.value("http.host"), "x");
}

TEST(Socks, TheAnswerAndWhatFollowsInOneSegment) {
  Reading reading{1080};
  reading.client(bytes({4, 1, 0, 80, 10, 0, 0, 9, 0}));
  reading.server(bytes({0, 90, 0, 80, 10, 0, 0, 9}) + "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(reading.value("socks.results"), "90");
  EXPECT_EQ(reading.value("http.response.code"), "204");
}

TEST(Socks, OtherBytesOnItsPortAreNotIt) {
  Reading reading{1080};
  reading.client("hello\n");
  EXPECT_EQ(reading.protocol(), "");
  reading.client(bytes({5, 1, 0, 9, 1, 2, 3}));
  EXPECT_EQ(reading.protocol(), "Socks");  // an offer of one method
}

// An address of no known kind ends the dialogue: what follows is read by its looks.
TEST(Socks, AStrangeAddressIsMalformed) {
  Reading reading{1080};
  reading.client(bytes({5, 1, 0})).server(bytes({5, 0}));
  reading.client(bytes({5, 1, 0, 77, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

}  // namespace
}  // namespace trama::parse::tests
