#include "load/texts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace trama::load {
namespace {

std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Texts, AreLinesOfTheirLengthAndDiffer) {
  const Texts texts{64, 300, Expect::upper};
  std::set<std::string> all;
  for (u32 i = 0; i < texts.count(); ++i) {
    const auto text = text_of(texts.question(i));
    EXPECT_EQ(text.size(), 64U);
    EXPECT_EQ(text.find('\n'), 63U);
    all.insert(text);
  }
  EXPECT_EQ(all.size(), 300U);
}

TEST(Texts, AnswersAreInUpperCaseOrTheSame) {
  EXPECT_EQ(text_of(Texts(8, 4, Expect::upper).answer(2)), "AAACSTU\n");
  EXPECT_EQ(text_of(Texts(8, 4, Expect::echo).answer(2)), "aaacstu\n");
}

TEST(Texts, AStreamGoesOnForEver) {
  const Texts texts{10, 3, Expect::echo};
  EXPECT_EQ(text_of(texts.questions(25, 10)),
            text_of(texts.question(2)).substr(5) + text_of(texts.question(0)).substr(0, 5));
  std::string many;
  for (u32 i = 0; i < 10; ++i) many += text_of(texts.question(i % 3));
  const Bytes bytes{reinterpret_cast<const u8*>(many.data()), many.size()};
  EXPECT_TRUE(texts.are_answers(0, bytes));
  EXPECT_TRUE(texts.are_answers(30'017, bytes.subspan(17)));
  EXPECT_FALSE(texts.are_answers(1, bytes));
  many[99] ^= 1;
  EXPECT_FALSE(texts.are_answers(0, bytes));
}

TEST(Texts, AnswersTellTheirNumber) {
  const Texts texts{5, 4096, Expect::upper};
  for (const u32 number : {0U, 1U, 15U, 16U, 4095U})
    EXPECT_EQ(texts.number_of(texts.answer(number)), number);
}

TEST(Texts, WhatIsNoAnswerHasNoNumber) {
  const Texts texts{5, 16, Expect::echo};
  const auto number_of = [&](std::string_view text) {
    return texts.number_of({reinterpret_cast<const u8*>(text.data()), text.size()});
  };
  EXPECT_FALSE(number_of(""));
  EXPECT_FALSE(number_of("aaa"));
  EXPECT_FALSE(number_of("aaaz\n"));
  EXPECT_FALSE(number_of("aaba\n")) << "16, and there are 16";
  EXPECT_EQ(number_of("AAAP!"), 15U);
}

TEST(Texts, OneByteIsANewLine) {
  const Texts texts{1, 64, Expect::upper};
  EXPECT_EQ(text_of(texts.question(5)), "\n");
}

}  // namespace
}  // namespace trama::load
