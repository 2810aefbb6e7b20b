#include "packet/flow/pool.h"

#include <gtest/gtest.h>

namespace trama::flow {
namespace {

TEST(Pool, GivesLinesOfTheirOwnThatNeverMove) {
  Pool pool;
  std::vector<Conversation*> taken;
  for (u32 i = 0; i < Pool::per_piece + 2; ++i) {
    taken.push_back(&pool.take());
    taken.back()->stream = i;
  }
  for (u32 i = 0; i < taken.size(); ++i) {
    EXPECT_EQ(taken[i]->stream, i);
    EXPECT_EQ(&pool.at(taken[i]->place), taken[i]);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(taken[i]) % 64, 0U);
  }
}

TEST(Pool, WhatWasGivenBackIsBlankAndServesAgain) {
  Pool pool;
  Conversation& first = pool.take();
  first.stream = 7;
  first.ends[0].ahead = std::make_unique<std::array<End::Block, End::most_blocks>>();
  pool.give_back(first);
  EXPECT_FALSE(first.live);
  Conversation& second = pool.take();
  EXPECT_EQ(&second, &first);
  EXPECT_TRUE(second.live);
  EXPECT_EQ(second.stream, 0U);
  EXPECT_EQ(second.ends[0].ahead, nullptr);
  EXPECT_EQ(pool.end(), 1U);
}

}  // namespace
}  // namespace trama::flow
