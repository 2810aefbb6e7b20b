#include "base/terminal.h"

#include <gtest/gtest.h>

namespace trama {
namespace {

TEST(Terminal, PlainLengthStopsAtTheFirstOddByte) {
  const std::string plain = "GET /index.html HTTP/1.1 ~";
  EXPECT_EQ(plain_length(plain), plain.size());
  EXPECT_EQ(plain_length(""), 0U);
  for (std::size_t at = 0; at < plain.size(); ++at)
    for (const char odd : {'\0', '\x1f', '\x7f', '\x80', '\xff'}) {
      std::string text = plain;
      text[at] = odd;
      EXPECT_EQ(plain_length(text), at);
    }
}

TEST(Terminal, HarmlessKeepsTextAndEscapesControls) {
  EXPECT_EQ(harmless("a\tb\nc \x1b[31m"), "a\\tb\\nc \\x1b[31m");
  EXPECT_EQ(harmless("olá → 日本 ok"), "olá → 日本 ok");
  EXPECT_EQ(harmless("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(harmless("a\u202eb"), "a\\u202eb");  // a mark that turns the line around
}

}  // namespace
}  // namespace trama
