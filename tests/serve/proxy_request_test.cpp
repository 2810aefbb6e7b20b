#include "serve/proxy_request.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace trama::serve {
namespace {

using Next = ProxyDialogue::Next;
using namespace std::string_literals;

struct Said {
  Next next = Next::more;
  std::string answers, rest, target;
};

// Gives the bytes in pieces of so many, as a connection may.
Said talk(const std::string& text, const ProxyLogin* login = nullptr, std::size_t piece = 1000) {
  ProxyDialogue dialogue{login};
  Said said;
  std::vector<u8> came;
  for (std::size_t at = 0; at <= text.size() && said.next == Next::more; at += piece) {
    const auto part = text.substr(at, piece);
    came.insert(came.end(), part.begin(), part.end());
    for (;;) {
      const auto step = dialogue.take(came);
      EXPECT_LE(step.taken, came.size());
      came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(step.taken));
      said.answers += step.answer;
      said.next = step.next;
      if (step.next != Next::more || step.taken == 0) break;
    }
    if (said.next != Next::more)
      said.rest = std::string{came.begin(), came.end()} +
                  (at + piece < text.size() ? text.substr(at + piece) : "");
  }
  if (said.next == Next::connect) said.target = to_string(dialogue.target());
  return said;
}

const ProxyLogin login{"ana", "segredo"};
const std::string request5 = "\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"s;

struct Case {
  std::string text, answers, target;
  const ProxyLogin* login;
};
const std::vector<Case> good{
    {"\x04\x01\x01\xbb\xc0\x00\x02\x01me\x00"s,                   "",                      "192.0.2.1:443",                                          nullptr                             },
    {"\x04\x01\x00\x50\x00\x00\x00\x01\x00host.example\x00"s,     "",                      "host.example:80",                                        nullptr                             },
    {"\x05\x01\x00"s + request5,                                  "\x05\x00"s,             "192.0.2.1:443",                                          nullptr                             },
    {"\x05\x02\x00\x02\x05\x01\x00\x03\x0chost.example\x00\x50"s, "\x05\x00"s,             "host.example:80",
     nullptr                                                                                                                                                                             },
    {"\x05\x01\x00\x05\x01\x00\x04"s + std::string(15,            '\0') + "\x01\x00\x50"s, "\x05\x00"s,
     "[::1]:80",                                                                                                                                                                           nullptr},
    {"\x05\x02\x00\x02\x01\x03"
     "ana\x07segredo"s +
         request5,                                                           "\x05\x02\x01\x00"s,                                                                  "192.0.2.1:443",                                             &login},
    {"CONNECT host.example:443 HTTP/1.1\r\nHost: host.example\r\n\r\n",                                                           "",                  "host.example:443",
     nullptr              },
    {"CONNECT [::1]:80 HTTP/1.0\r\n\r\n",                                                           "",                                                "[::1]:80",                                            nullptr        },
    {"CONNECT h:80 HTTP/1.0\r\nProxy-Authorization: Basic YW5hOnNlZ3JlZG8=\r\n\r\n",                                                           "",     "h:80",
     &login                  },
};

TEST(ProxyRequest, EveryProtocolNamesItsTargetHoweverItIsCut) {
  for (const auto& [text, answers, target, login] : good)
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
      const auto said = talk(text + "own bytes", login, piece);
      EXPECT_EQ(said.next, Next::connect) << target << piece;
      EXPECT_EQ(said.answers, answers) << target;
      EXPECT_EQ(said.target, target);
      EXPECT_EQ(said.rest, "own bytes") << target << piece;
    }
}

TEST(ProxyRequest, EveryPrefixNeedsMore) {
  for (const auto& row : good)
    for (std::size_t size = 0; size < row.text.size(); ++size)
      EXPECT_EQ(talk(row.text.substr(0, size), row.login).next, Next::more) << row.target << size;
}

TEST(ProxyRequest, RefusalsAreInTheWordsOfTheProtocol) {
  const auto refused = [](const std::string& text, const ProxyLogin* login = nullptr) {
    const auto said = talk(text, login);
    EXPECT_EQ(said.next, Next::end) << text;
    return said.answers;
  };
  EXPECT_EQ(refused("\x04\x02"s).substr(0, 2), "\x00\x5b"s);  // BIND
  EXPECT_EQ(refused("\x04\x01\x01\xbb\xc0\x00\x02\x01\x00"s, &login).substr(0, 2), "\x00\x5b"s);
  EXPECT_EQ(refused("\x04\x01\x01\xbb\xc0\x00\x02\x01"s + std::string(300, 'u')).substr(0, 2),
            "\x00\x5b"s);
  EXPECT_EQ(refused("\x05\x01\x02"s), "\x05\xff"s);
  EXPECT_EQ(refused("\x05\x01\x00"s, &login), "\x05\xff"s);
  EXPECT_EQ(refused("\x05\x01\x02\x01\x03"
                    "ana\x07"
                    "falso!!"s,
                    &login),
            "\x05\x02\x01\x01"s);
  EXPECT_EQ(refused("\x05\x01\x00\x05\x02\x00\x01\x01"s).substr(2, 2), "\x05\x07"s);
  EXPECT_EQ(refused("\x05\x01\x00\x05\x01\x00\x05\x01"s).substr(2, 2), "\x05\x08"s);
  EXPECT_EQ(refused("\x05\x01\x00\x05\x01\x00\x03\x01 \x00\x50"s).substr(2, 2), "\x05\x01"s);
  EXPECT_TRUE(refused("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(refused("CONNECT a:1 HTTP/1.0\r\n\r\n", &login).starts_with("HTTP/1.1 407 "));
  EXPECT_TRUE(refused("\x16\x03\x01\x02").starts_with("HTTP/1.1 400 "));
  for (const auto* target :
       {"a", "a:", "a:0", ":80", "::1:80", "a:65536", "[1.2.3.4]:80", "a:80:80"})
    EXPECT_TRUE(refused("CONNECT "s + target + " HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 400 "))
        << target;
  EXPECT_TRUE(
      refused("CONNECT a:1 HTTP/1.0\r\n" + std::string(17'000, 'x')).starts_with("HTTP/1.1 431 "));
}

TEST(ProxyRequest, OutcomesAreInTheWordsOfTheProtocol) {
  const auto answer = [](const std::string& text, ProxyOutcome outcome) {
    ProxyDialogue dialogue{nullptr};
    dialogue.take({reinterpret_cast<const u8*>(text.data()), text.size()});
    return dialogue.outcome(outcome, {.address = *parse_address("192.0.2.9"), .port = 258});
  };
  EXPECT_EQ(answer("\x04", ProxyOutcome::connected), "\x00\x5a\x01\x02\xc0\x00\x02\x09"s);
  EXPECT_EQ(answer("\x05", ProxyOutcome::connected), "\x05\x00\x00\x01\xc0\x00\x02\x09\x01\x02"s);
  EXPECT_EQ(answer("\x05", ProxyOutcome::refused)[1], 5);
  EXPECT_EQ(answer("\x05", ProxyOutcome::not_allowed)[1], 2);
  EXPECT_EQ(answer("C", ProxyOutcome::connected), "HTTP/1.1 200 Connection established\r\n\r\n");
  EXPECT_TRUE(answer("C", ProxyOutcome::timeout).starts_with("HTTP/1.1 504 "));
}

TEST(ProxyRequest, MutationsEndInATargetOrARefusal) {
  std::minstd_rand random{1};
  for (int i = 0; i < 20'000; ++i) {
    const auto& row = good[random() % good.size()];
    auto text = row.text;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
    talk(text, row.login, 1 + random() % 50);
  }
}

}  // namespace
}  // namespace trama::serve
