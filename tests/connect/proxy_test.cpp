#include "connect/proxy.h"

#include <gtest/gtest.h>

#include "connect/proxy_dialogue.h"

namespace trama::connect {
namespace {

using namespace std::string_literals;

const Destination by_name{.name = "host.example", .address = {}, .port = 80};
const Destination by_address{.name = {}, .address = parse_address("192.0.2.1"), .port = 443};

Proxy proxy_of(std::string_view text) {
  auto proxy = parse_proxy(text);
  EXPECT_TRUE(proxy) << text;
  return proxy.value_or(Proxy{});
}

// Feeds the answer in the pieces that the dialogue wants; gives all that it said, or the sentence
// with which it ended. `left` gets what it did not take.
std::string talk_to(ProxyDialogue& dialogue, std::string_view answer, std::size_t& left) {
  std::string said = dialogue.opening();
  while (dialogue.wants() != 0 && dialogue.wants() <= answer.size()) {
    const auto piece = answer.substr(0, dialogue.wants());
    answer.remove_prefix(piece.size());
    const auto next = dialogue.take({reinterpret_cast<const u8*>(piece.data()), piece.size()});
    if (!next) return next.error().sentence;
    said += *next;
  }
  left = answer.size();
  return dialogue.wants() == 0 ? said : said + " (waits)";
}

std::string said_to(std::string_view url, const Destination& destination, std::string_view answer) {
  const auto dialogue = dialogue_with(proxy_of(url), destination);
  if (!dialogue) return dialogue.error().sentence;
  std::size_t left = 0;
  return talk_to(**dialogue, answer, left);
}

TEST(ConnectProxy, ReadsItsAddress) {
  const Proxy whole = proxy_of("socks5://us%40er:p:a%25@[::1]:1081/");
  EXPECT_EQ(whole.kind, Proxy::Kind::socks5);
  EXPECT_EQ(whole.host, "[::1]");
  EXPECT_EQ(whole.port, 1081);
  EXPECT_EQ(whole.login->user, "us@er");
  EXPECT_EQ(whole.login->password, "p:a%");
  EXPECT_EQ(proxy_of("socks4a://proxy").port, 1080);
  EXPECT_EQ(proxy_of("http://proxy").port, 3128);
  for (const auto* wrong : {"", "proxy:1080", "ftp://proxy:1", "http://", "http://proxy:0",
                            "http://proxy:99999", "socks5://a:%zz@proxy", "socks5://a:%00@proxy",
                            "socks4://user:secret@proxy", "socks5://:secret@proxy"}) {
    const auto proxy = parse_proxy(wrong);
    ASSERT_FALSE(proxy) << wrong;
    EXPECT_EQ(proxy.error().exit, Exit::bad_input);
    EXPECT_EQ(proxy.error().sentence.find("secret"), std::string::npos);
  }
}

TEST(ConnectProxy, Socks4AsksForAnAddressOrAName) {
  EXPECT_EQ(said_to("socks4://me@p", by_address, "\0\x5a......"s),
            "\x04\x01\x01\xbb\xc0\x00\x02\x01me\0"s);
  EXPECT_EQ(said_to("socks4a://p", by_name, "\0\x5a......"s),
            "\x04\x01\x00\x50\0\0\0\x01\0host.example\0"s);
  EXPECT_NE(said_to("socks4://p", by_address, "\0\x5b......"s).find("91"), std::string::npos);
  EXPECT_EQ(said_to("socks4://p", by_address, "HTTP/1.1 400"), "it does not speak SOCKS4");
}

TEST(ConnectProxy, Socks5AsksAndProvesWhoItIs) {
  const auto open = "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"s;
  EXPECT_EQ(said_to("socks5://p", by_name, open),
            "\x05\x01\x00\x05\x01\x00\x03\x0chost.example\x00\x50"s);
  EXPECT_EQ(said_to("socks5://p", by_address, open),
            "\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"s);
  EXPECT_EQ(
      said_to("socks5://me:pw@p", by_address, "\x05\x02\x01\x00\x05\x00\x00\x03\x02hi\x00\x50"s),
      "\x05\x02\x00\x02\x01\x02me\x02pw\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"s);
  EXPECT_NE(said_to("socks5://me:pw@p", by_address, "\x05\x02\x01\x01"s).find("the password"),
            std::string::npos);
  EXPECT_NE(said_to("socks5://p", by_address, "\x05\xff"s).find("wants a login"),
            std::string::npos);
  // A method that was not offered.
  EXPECT_EQ(said_to("socks5://p", by_address, "\x05\x02"s), "it does not speak SOCKS5");
  for (char code = 1; code <= 9; ++code)
    EXPECT_NE(said_to("socks5://p", by_address, "\x05\x00\x05"s + code + "\x00\x01"s)
                  .find(std::to_string(code)),
              std::string::npos);
}

TEST(ConnectProxy, HttpIsAskedToConnect) {
  EXPECT_EQ(said_to("http://p", by_name, "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n"),
            "CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\n\r\n");
  // RFC 7617 section 2 has this example.
  EXPECT_NE(said_to("http://Aladdin:open%20sesame@p", by_name, "HTTP/1.0 204 \n\n")
                .find("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
            std::string::npos);
  EXPECT_EQ(said_to("http://p", by_name, "HTTP/1.1 407 Who are you\r\n\r\n"),
            "it wants a login: write USER:PASS@ before its host (407 Who are you)");
  EXPECT_EQ(said_to("http://a:b@p", by_name, "HTTP/1.1 407 No\r\n\r\n"),
            "it refused the user or the password (407 No)");
  EXPECT_EQ(said_to("http://p", by_name, "HTTP/1.1 503 \x1b[2J\r\n\r\n").find('\x1b'),
            std::string::npos);
  for (const auto* foreign : {"SSH-2.0-x", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1\r\n\r\n"})
    EXPECT_EQ(said_to("http://p", by_name, foreign), "it does not speak HTTP") << foreign;
  EXPECT_NE(said_to("http://p", by_name, "HTTP/1.1 200 " + std::string(20'000, 'x')).find("longer"),
            std::string::npos);
}

TEST(ConnectProxy, NoByteOfTheConversationIsTaken) {
  for (const auto& [url, answer] : {
           std::pair{"socks4://p", "\0\x5a......SSH"s                                    },
           std::pair{"socks5://p", "\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50SSH"s},
           std::pair{"http://p",   "HTTP/1.1 200 \r\n\r\nSSH"s                           }
  }) {
    const auto dialogue = dialogue_with(proxy_of(url), by_address);
    ASSERT_TRUE(dialogue);
    std::size_t left = 0;
    talk_to(**dialogue, answer, left);
    EXPECT_EQ(left, 3U) << url;
  }
}

TEST(ConnectProxy, WhatItCannotCarryIsRefusedAtOnce) {
  const Destination v6{.name = {}, .address = parse_address("::1"), .port = 1};
  EXPECT_FALSE(dialogue_with(proxy_of("socks4a://p"), v6));
  EXPECT_TRUE(dialogue_with(proxy_of("http://p"), v6));
  for (const auto& name : {"a\r\nX: y"s, "a b"s, std::string(256, 'x')}) {
    const Destination wrong{.name = name, .address = {}, .port = 1};
    EXPECT_FALSE(dialogue_with(proxy_of("http://p"), wrong));
  }
}

}  // namespace
}  // namespace trama::connect
