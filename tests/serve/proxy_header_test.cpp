#include "serve/proxy_header.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

namespace trama::serve {
namespace {

using State = ProxyHeader::State;

ProxyHeader parse(std::string_view text) {
  return parse_proxy_header({reinterpret_cast<const u8*>(text.data()), text.size()});
}

std::string text_of(const ProxyHeader& header) {
  if (!header.addresses) return "-";
  return to_string(header.addresses->source) + " " + to_string(header.addresses->destination);
}

const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};

// Command and family bytes, then what follows the length.
std::string binary(unsigned command, unsigned family, std::string_view rest) {
  return signature + static_cast<char>(command) + static_cast<char>(family) +
         static_cast<char>(rest.size() >> 8U) + static_cast<char>(rest.size() & 0xffU) +
         std::string{rest};
}

const std::string four{"\xc0\x00\x02\x01\xc0\x00\x02\x02\x9c\x40\x01\xbb", 12};
std::string six() {
  std::string text(36, '\0');
  text[0] = text[16] = 0x20;
  text[1] = text[17] = 0x01;
  text[15] = 1;
  text[31] = 2;
  text.replace(32, 4, std::string{"\x9c\x40\x01\xbb", 4});
  return text;
}

const std::vector<std::string> good{
    "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n",
    "PROXY TCP6 2001::1 2001::2 40000 443\r\n",
    "PROXY UNKNOWN\r\n",
    "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n",
    binary(0x21, 0x11, four),
    binary(0x21, 0x21, six()),
    binary(0x21, 0x11, four + std::string{"\x04\x00\x01\x00", 4}),  // a TLV of type NOOP
    binary(0x21, 0x31, std::string(216, 'x')),
    binary(0x21, 0x00, ""),
    binary(0x21, 0x12, four),
    binary(0x20, 0x00, ""),
    binary(0x20, 0x11, four)};

TEST(ProxyHeader, NamesSourceAndDestination) {
  const std::vector<std::string> named{"192.0.2.1:40000 192.0.2.2:443",
                                       "[2001::1]:40000 [2001::2]:443",
                                       "-",
                                       "-",
                                       "192.0.2.1:40000 192.0.2.2:443",
                                       "[2001::1]:40000 [2001::2]:443",
                                       "192.0.2.1:40000 192.0.2.2:443",
                                       "-",
                                       "-",
                                       "-",
                                       "-",
                                       "-"};
  for (std::size_t i = 0; i < good.size(); ++i) {
    const auto header = parse(good[i] + "PROXY of the client's own");
    EXPECT_EQ(header.state, State::whole) << i;
    EXPECT_EQ(header.size, good[i].size()) << i;
    EXPECT_EQ(text_of(header), named[i]) << i;
  }
}

TEST(ProxyHeader, EveryPrefixNeedsMore) {
  for (const auto& text : good)
    for (std::size_t size = 0; size < text.size(); ++size)
      EXPECT_EQ(parse(text.substr(0, size)).state, State::more) << text << " up to " << size;
}

// No mutation is read beyond its end (ASan), and none of the fixed part is taken for something
// else.
TEST(ProxyHeader, EveryMutationIsBadOrMoreOrWithinItsBytes) {
  for (const auto& text : good)
    for (std::size_t at = 0; at < text.size(); ++at)
      for (unsigned value = 0; value < 256; ++value) {
        const std::vector<u8> before(text.begin(), text.end());
        auto bytes = before;
        bytes[at] = static_cast<u8>(value);
        const auto header = parse_proxy_header(bytes);
        EXPECT_TRUE(header.state != State::whole || header.size <= bytes.size()) << text << at;
        const std::size_t fixed = before[0] == 'P' ? 6 : 12;
        EXPECT_TRUE(at >= fixed || bytes == before || header.state == State::bad) << text << at;
      }
}

TEST(ProxyHeader, WhatIsNoHeaderIsBadAtOnce) {
  for (const auto* text :
       {"G", "GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443 \r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 40000\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 040000 443\r\n", "PROXY TCP4 ::1 ::1 1 1\r\n",
        "PROXY TCP6 1.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n",
        "PROXY TCP4 1.2.3.4 1.2.3.4 -1 1\r\n", "PROXY UDP4 1.2.3.4 1.2.3.4 1 1\r\n",
        "PROXY tcp4 1.2.3.4 1.2.3.4 1 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r.",
        "PROXY UNKNOWNX\r\n", "PROXY TCP4 1.2.3 1.2.3.4 1 1\r\n"})
    EXPECT_EQ(parse(text).state, State::bad) << text;
}

TEST(ProxyHeader, LengthsAreBounded) {
  const std::string unknown = "PROXY UNKNOWN ";
  const std::string fits = unknown + std::string(107 - 2 - unknown.size(), 'x');
  EXPECT_EQ(parse(fits + "\r\n").state, State::whole);
  EXPECT_EQ(parse(fits + "x\r\n").state, State::bad);
  EXPECT_EQ(parse(fits).state, State::more);
  EXPECT_EQ(parse(fits + "xx").state, State::bad);
  EXPECT_EQ(parse(binary(0x21, 0x11, four + std::string(4096 - 16 - 12, 'x'))).state, State::whole);
  EXPECT_EQ(parse(binary(0x21, 0x11, four + std::string(4096 - 16 - 11, 'x'))).state, State::bad);
  EXPECT_EQ(parse(binary(0x21, 0x11, four.substr(1))).state, State::bad);
  EXPECT_EQ(parse(binary(0x21, 0x21, six().substr(1))).state, State::bad);
  EXPECT_EQ(parse(binary(0x21, 0x31, std::string(215, 'x'))).state, State::bad);
  for (const unsigned command : {0x10U, 0x11U, 0x22U, 0x31U, 0x2fU})
    EXPECT_EQ(parse(binary(command, 0x11, four)).state, State::bad) << command;
  for (const unsigned family : {0x41U, 0x13U, 0xffU})
    EXPECT_EQ(parse(binary(0x21, family, four)).state, State::bad) << family;
}

}  // namespace
}  // namespace trama::serve
