// What a story keeps of a long conversation.
#include "packet/story/book.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "packet/flow/judge.h"
#include "packet/story/diagnosis.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

class BookTest : public testing::Test {
 protected:
  story::Story* see(TcpParts parts, bool back = false) {
    if (back) std::swap(parts.from, parts.to);
    Kept kept{ethernet(0x0800, ipv4(6, tcp(parts), back), back), ++number_, time_ += 1'000'000};
    dissect::mark(kept.packet(), 1);
    const auto step = table_.follow(kept.packet(), nullptr);
    const auto verdicts = judge_.follow(*step, kept.packet(), nullptr);
    return book_.add(*step, number_, time_, &verdicts);
  }
  void open() {
    see({.flags = TcpFlag::syn});
    see({.ack = 1, .flags = TcpFlag::syn | TcpFlag::ack}, true);
    see({.seq = 1, .ack = 1, .flags = TcpFlag::ack});
  }
  // So many segments of 1000 bytes from `first` on, each acknowledged.
  story::Story* transfer(u32 first, u32 count) {
    story::Story* story = nullptr;
    for (u32 i = first; i < first + count; ++i) {
      see({.seq = 1 + 1000 * i,
           .ack = 1,
           .flags = TcpFlag::ack,
           .payload = std::string(1000, 'x')});
      story = see({.seq = 1, .ack = 1001 + 1000 * i, .flags = TcpFlag::ack}, true);
    }
    return story;
  }

  flow::Judge judge_;
  flow::Table table_;
  story::Book book_;
  u64 number_ = 0;
  i64 time_ = 1'000'000'000;
};

TEST_F(BookTest, ALongTransferFolds) {
  open();
  const auto* story = transfer(0, 1204);
  ASSERT_EQ(story->folds.size(), 1U);
  const auto& fold = story->folds.front();
  EXPECT_EQ(story->first.size(), 3U + story::Book::most_plain);
  EXPECT_EQ(fold.after, story->first.back().number);
  EXPECT_EQ(fold.packets + story->first.size(), 3U + 2 * 1204);
  EXPECT_EQ(story->folded, fold.packets);
  EXPECT_EQ(fold.bytes, 1000 * fold.segments);
  EXPECT_EQ(story->facts.sending[0].segments, 1204U);
  EXPECT_TRUE(story::diagnose(*story).empty());
}

TEST_F(BookTest, WhatHappensBetweenFoldsIsTold) {
  open();
  transfer(0, 50);
  see({.seq = 49'001, .ack = 1, .flags = TcpFlag::ack, .payload = std::string(1000, 'x')});
  const auto* story = transfer(50, 50);
  EXPECT_EQ(story->folds.size(), 2U);
  EXPECT_EQ(story->retransmissions, 1U);
  ASSERT_FALSE(story::diagnose(*story).empty());
  EXPECT_EQ(story::diagnose(*story).front().rule, "in_vain");
}

TEST_F(BookTest, AStoryOfAnyLengthIsBounded) {
  open();
  for (u32 i = 0; i < 3000; ++i) {
    transfer(12 * i, 12);
    see({.seq = 1, .ack = 1, .flags = TcpFlag::ack});
    see({.seq = 1, .ack = 1, .flags = TcpFlag::ack, .window = 0}, true);
  }
  const auto* story = see({.seq = 1, .ack = 1, .flags = TcpFlag::rst});
  EXPECT_LE(story->first.size(), story::Book::most_first);
  EXPECT_LE(story->last.size(), story::Book::most_last);
  EXPECT_LE(story->folds.size(), story::Book::most_folds);
  u64 folded = 0;
  for (const auto& fold : story->folds) folded += fold.packets;
  EXPECT_EQ(folded, story->folded);
  EXPECT_EQ(story->first.size() + story->last.size() + story->skipped + folded, number_);
}

}  // namespace
}  // namespace trama::tests
