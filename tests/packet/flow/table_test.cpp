#include "packet/flow/table.h"

#include <gtest/gtest.h>

#include <random>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "wire/protocols/udp.h"

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

// Whoever asks for less gets the same of it: random segments of few ports and numbers, so that
// ports serve again, SYNs cross, bytes come again.
TEST(Table, WhatStepsTellDoesNotHangOnHowMuchIsAsked) {
  std::mt19937 random{20};
  const auto one_of = [&](auto... values) {
    const u32 all[] = {static_cast<u32>(values)...};
    return all[random() % std::size(all)];
  };
  Table all;
  Table numbers{Table::usual_bytes, 0, Depth::numbers};
  Table streams{Table::usual_bytes, 0, Depth::streams};
  for (u64 number = 1; number <= 30000; ++number) {
    const bool back = random() % 2 == 0;
    const auto port = static_cast<u16>(40000 + random() % 4);
    tests::TcpParts parts;
    parts.from = back ? 80 : port;
    parts.to = back ? port : 80;
    parts.seq = one_of(100, 101, 101, 102, 103, 110, 5000);
    parts.ack = one_of(0, 100, 101, 101, 102, 103, 110, 5001);
    parts.flags = static_cast<u16>(one_of(TcpFlag::syn, TcpFlag::syn | TcpFlag::ack, TcpFlag::ack,
                                          TcpFlag::ack, TcpFlag::ack, TcpFlag::ack | TcpFlag::fin,
                                          TcpFlag::rst, TcpFlag::rst | TcpFlag::ack));
    if (parts.flags == TcpFlag::syn && random() % 2 == 0) parts.options = {1, 3, 3, 7};
    parts.payload.assign(one_of(0, 0, 1, 2, 7), 'x');
    Kept kept{tests::ethernet(0x0800, tests::ipv4(6, tests::tcp(parts), back), back), number,
              static_cast<i64>(number) * 1'000'000};
    dissect::mark(kept.packet(), 1);
    const auto a = all.follow(kept.packet(), nullptr);
    const auto b = numbers.follow(kept.packet(), nullptr);
    const auto c = streams.follow(kept.packet(), nullptr);
    ASSERT_TRUE(a && b && c);
    for (const auto* other : {&b, &c}) {
      ASSERT_EQ((*other)->stream, a->stream) << number;
      ASSERT_EQ((*other)->from, a->from) << number;
      ASSERT_EQ((*other)->since_previous, a->since_previous) << number;
    }
    ASSERT_EQ(b->seq, a->seq) << number;
    ASSERT_EQ(b->ack, a->ack) << number;
    ASSERT_EQ(b->next_seq, a->next_seq) << number;
    ASSERT_EQ(b->window, a->window) << number;
    ASSERT_EQ(b->scale_factor, a->scale_factor) << number;
    ASSERT_EQ(b->analysis.found, a->analysis.found) << number;
    ASSERT_EQ(b->analysis.completeness, a->analysis.completeness) << number;
    ASSERT_EQ(b->analysis.bytes_in_flight, a->analysis.bytes_in_flight) << number;
    ASSERT_EQ(b->analysis.duplicate_frame, a->analysis.duplicate_frame) << number;
    for (Table* table : {&all, &numbers, &streams}) table->forget_ended();
  }
}

// The value of a computed field of the packet; -1 where it has none.
i64 value_of(const dissect::Tree& tree, const wire::Field& field) {
  const dissect::Row* row = tree.find(field);
  return row == nullptr ? -1 : static_cast<i64>(row->value);
}

TEST(Table, WhatAnErrorQuotesHasAStreamButIsNoPacketOfIt) {
  Table table;
  dissect::Tree tree;
  const source::Interface ethernet;
  const auto asked = tests::ipv4(17, tests::udp(4000, 53, "a question"));
  Kept error{tests::ethernet(0x0800, tests::ipv4(1, tests::icmp_error(3, 3, asked), true)), 1, 10};
  dissect::mark(error.packet(), 1);
  tree.dissect(error.packet(), ethernet);
  EXPECT_FALSE(table.follow(error.packet(), &tree));  // of nothing that was seen
  EXPECT_EQ(value_of(tree, wire::in(wire::udp_found, "udp.stream")), 0);
  EXPECT_EQ(value_of(tree, wire::in(wire::udp_found, "udp.time_delta")), -1);

  Kept question{tests::ethernet(0x0800, asked), 2, 20};
  dissect::mark(question.packet(), 1);
  const auto step = table.follow(question.packet(), nullptr);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->conversation->stream, 0U);
  EXPECT_TRUE(step->conversation->has_spoken());
  EXPECT_TRUE(table.follow(error.packet(), &tree));
}

TEST(Table, ADatagramShorterThanItsHeaderIsNone) {
  auto bytes = tests::udp(4000, 53, "x");
  bytes[4] = 0, bytes[5] = 7;
  Kept bad{tests::ethernet(0x0800, tests::ipv4(17, bytes))};
  dissect::mark(bad.packet(), 1);
  dissect::Tree tree;
  tree.dissect(bad.packet(), source::Interface{});
  EXPECT_FALSE(Table{}.follow(bad.packet(), &tree));
}

TEST(Table, AHeaderLongerThanItsPacketTellsNoNumbers) {
  auto bytes = tests::tcp({.seq = 77, .flags = TcpFlag::ack, .payload = "x"});
  bytes[12] = 0xf0;
  Kept bad{tests::ethernet(0x0800, tests::ipv4(6, bytes))};
  dissect::mark(bad.packet(), 1);
  dissect::Tree tree;
  tree.dissect(bad.packet(), source::Interface{});
  Table table;
  const auto step = table.follow(bad.packet(), &tree);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->seq, 77U);  // as it stands
  EXPECT_FALSE(step->conversation->ends[0].has_base);
}

TEST(Table, AnEndScalesByItsOwnSynAlone) {
  Table table;
  Kept answer{
      tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({.flags = TcpFlag::syn | TcpFlag::ack,
                                                         .options = {1, 3, 3, 7}}
        )))
  };
  dissect::mark(answer.packet(), 1);
  ASSERT_TRUE(table.follow(answer.packet(), nullptr));
  const Kept more = segment(40000, 1, 5, 2);
  const auto step = table.follow(more.packet(), nullptr);
  EXPECT_EQ(step->scale_factor, 128);
  EXPECT_EQ(step->window, u64{64240} * 128);
  Kept back{tests::ethernet(
      0x0800, tests::ipv4(6, tests::tcp({.from = 80, .to = 40000, .flags = TcpFlag::ack}), true),
      true)};
  dissect::mark(back.packet(), 1);
  EXPECT_EQ(table.follow(back.packet(), nullptr)->scale_factor, -1);  // its SYN was not seen
}

TEST(Table, AForetoldConnectionHasBegunBeforeItsSyn) {
  const auto first = [](u16 port, u64 number, u16 flags) {
    Kept kept{tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({.from = port, .flags = flags}))),
              number, static_cast<i64>(number)};
    dissect::mark(kept.packet(), 1);
    return kept;
  };
  Table table;
  const Kept syn = first(40000, 1, 2);
  const Kept ack = first(40000, 2, 16);
  const Kept other = first(40001, 3, 2);
  const Kept other_ack = first(40001, 4, 16);
  const auto ends = table.follow(syn.packet(), nullptr)->segment;
  Table fresh;
  fresh.foretell({ends.to, ends.from.address, std::nullopt});
  EXPECT_EQ(fresh.follow(syn.packet(), nullptr)->analysis.completeness, 0);
  EXPECT_EQ(fresh.follow(ack.packet(), nullptr)->analysis.completeness, 0);
  // Only one connection was foretold.
  EXPECT_EQ(fresh.follow(other.packet(), nullptr)->analysis.completeness, 0);
  EXPECT_EQ(fresh.follow(other_ack.packet(), nullptr)->analysis.completeness, 1);
}

}  // namespace
}  // namespace trama::flow
