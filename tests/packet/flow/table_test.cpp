#include "packet/flow/table.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"

namespace trama::flow {
namespace {

using tests::Kept;

Kept segment(u16 port, u32 seq, i64 time, u64 number, std::string payload = "x") {
  Kept kept{tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({.from = port,
                                                               .seq = seq,
                                                               .flags = TcpFlag::ack,
                                                               .payload = std::move(payload)}))),
            number, time};
  dissect::mark(kept.packet(), 1);
  return kept;
}

TEST(Table, ForgetsTheIdlestWhenFull) {
  Table table{64 * 1024};
  u64 number = 0;
  for (u16 port = 1; port <= 2000; ++port) {
    const Kept busy = segment(60000, number, static_cast<i64>(number), number + 1);
    ASSERT_EQ(table.follow(busy.packet(), nullptr)->conversation->stream, 0U);
    const Kept once = segment(port, 1, static_cast<i64>(number), number + 2);
    ASSERT_TRUE(table.follow(once.packet(), nullptr));
    table.forget_ended();
    number += 2;
  }
  EXPECT_GT(table.dropped(), 1000U);
  EXPECT_LT(table.dropped(), 2000U);
}

// One conversation alone cannot hold much: the segments that nobody acknowledges count, too.
TEST(Table, UnacknowledgedSegmentsCount) {
  Table table{64 * 1024};
  u64 number = 0;
  for (unsigned i = 0; i < 100; ++i)
    for (u16 port = 1; port <= 20; ++port) {
      ++number;
      const Kept kept = segment(port, i * 10, static_cast<i64>(number), number);
      ASSERT_TRUE(table.follow(kept.packet(), nullptr));
      table.forget_ended();
    }
  EXPECT_GT(table.dropped(), 0U);
}

}  // namespace
}  // namespace trama::flow
