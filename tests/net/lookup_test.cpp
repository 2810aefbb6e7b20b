#include "net/lookup.h"

#include <gtest/gtest.h>

namespace trama::net {
namespace {

using namespace std::chrono_literals;

struct Answers {
  std::vector<std::string> all;
  Lookups::Found add() {
    return [this](const Result<std::vector<Endpoint>>& found) {
      all.push_back(found ? to_string(found->front()) : "error");
    };
  }
};

TEST(Lookup, AnswersComeOnTheLoop) {
  const auto loop = *Loop::make();
  const auto lookups = *Lookups::make(*loop);
  Answers answers;
  for (u16 i = 0; i < 50; ++i) EXPECT_NE(lookups->ask("127.0.0.1", i, answers.add()), 0U);
  lookups->ask("1.2.3", 1, answers.add());  // no address, no name
  EXPECT_TRUE(answers.all.empty());         // never at once
  while (answers.all.size() < 51) loop->run_once(1s);
  EXPECT_EQ(std::count(answers.all.begin(), answers.all.end(), "error"), 1);
}

TEST(Lookup, WhatIsForgottenIsNotAnswered) {
  const auto loop = *Loop::make();
  const auto lookups = *Lookups::make(*loop);
  Answers answers;
  const auto ticket = lookups->ask("127.0.0.1", 1, answers.add());
  lookups->forget(ticket);
  lookups->ask("127.0.0.1", 2, answers.add());
  while (answers.all.empty()) loop->run_once(1s);
  EXPECT_EQ(answers.all, std::vector<std::string>{"127.0.0.1:2"});
}

TEST(Lookup, TooManyQuestionsAreRefused) {
  const auto loop = *Loop::make();
  const auto lookups = *Lookups::make(*loop);
  std::size_t answers = 0;
  for (std::size_t i = 0; i < Lookups::most_waiting; ++i)
    EXPECT_NE(lookups->ask("127.0.0.1", 1, [&](auto) { ++answers; }), 0U);
  EXPECT_EQ(lookups->ask("127.0.0.1", 1, [](auto) {}), 0U);
  while (answers < Lookups::most_waiting) loop->run_once(1s);
  EXPECT_NE(lookups->ask("127.0.0.1", 1, [](auto) {}), 0U);  // and an end with one under way
}

}  // namespace
}  // namespace trama::net
