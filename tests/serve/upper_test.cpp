#include "serve/upper.h"

#include <gtest/gtest.h>

#include <string>

namespace trama::serve {
namespace {

void feed(Upper& upper, std::string& text) {
  upper({reinterpret_cast<u8*>(text.data()), text.size()});
}

std::string answer(std::string text) {
  Upper upper;
  feed(upper, text);
  return text;
}

TEST(Upper, AsciiAndLatin1LettersBecomeUpperCase) {
  EXPECT_EQ(answer("Hello, world 09 [`{@~"), "HELLO, WORLD 09 [`{@~");
  EXPECT_EQ(answer("olá, ação, über, çñþ"), "OLÁ, AÇÃO, ÜBER, ÇÑÞ");
  EXPECT_EQ(answer("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ"), "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ");
}

TEST(Upper, WhatHasNoLatin1UpperCaseStays) {
  EXPECT_EQ(answer("ÿß×÷ÁÞ"), "ÿß×÷ÁÞ");
  EXPECT_EQ(answer("µ ª º ł ő я 漢 😀"), "µ ª º ł ő я 漢 😀");
}

TEST(Upper, BytesThatAreNoTextStay) {
  const std::string bytes{"\x00\xe1\xff\xc3\xc3\x80\xfe\xa1", 8};
  EXPECT_EQ(answer(bytes), bytes);
}

// Long texts are answered in blocks: each letter at each place of one, and across its borders.
TEST(Upper, LongTextsAreAsShortOnes) {
  for (std::size_t i = 0; i < 100; ++i) {
    std::string text(100, 'x'), right(100, 'X');
    text.insert(i, "á÷z@{");
    right.insert(i, "Á÷Z@{");
    EXPECT_EQ(answer(text), right) << i;
    text.insert(i, "\xc3");
    right.insert(i, "\xc3");
    EXPECT_EQ(answer(text), right) << i;
  }
  EXPECT_EQ(answer(std::string(1000, '\xe1')), std::string(1000, '\xe1'));
}

// However a stream is cut, the answer is the same.
TEST(Upper, AnyTwoCutsOfAStreamGiveTheSame) {
  const std::string text = "aáÿ÷ßþ\xc3z\xc3\xc3\xa3!";
  const std::string whole = answer(text);
  for (std::size_t i = 0; i <= text.size(); ++i)
    for (std::size_t j = i; j <= text.size(); ++j) {
      Upper upper;
      std::string parts[] = {text.substr(0, i), text.substr(i, j - i), text.substr(j)};
      for (auto& part : parts) feed(upper, part);
      EXPECT_EQ(parts[0] + parts[1] + parts[2], whole) << i << " " << j;
    }
}

}  // namespace
}  // namespace trama::serve
