// Verdicts: each from the evidence that proves it, and with the packets that are the proof.
#include "packet/flow/judge.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"

namespace trama::tests {
namespace {

using flow::Cause;
using flow::TcpFlag;

// What one packet of the play is, beside its TCP parts.
struct Play {
  bool back = false;
  TcpParts parts;
  i64 wait = 1;  // milliseconds since the packet before
  u16 id = 0;    // ip.id
};

std::vector<u8> timestamps(u32 clock, u32 echo) {
  std::vector<u8> options{1, 1, 8, 10};
  for (const u32 value : {clock, echo})
    for (int shift = 24; shift >= 0; shift -= 8) options.push_back(static_cast<u8>(value >> shift));
  return options;
}

std::vector<u8> sacks(std::initializer_list<std::pair<u32, u32>> blocks) {
  std::vector<u8> options{1, 1, 5, static_cast<u8>(2 + 8 * blocks.size())};
  for (const auto& [from, to] : blocks)
    for (const u32 value : {from, to})
      for (int shift = 24; shift >= 0; shift -= 8)
        options.push_back(static_cast<u8>(value >> shift));
  return options;
}

class Judged : public testing::Test {
 protected:
  // Client and server have agreed: packets 1 to 3. Both count from 1.
  void SetUp() override {
    client({.flags = TcpFlag::syn}, 1, 10);
    server({.ack = 1, .flags = TcpFlag::syn | TcpFlag::ack}, 1, 20);
    client({.seq = 1, .ack = 1, .flags = TcpFlag::ack}, 1, 11);
  }
  flow::Verdicts client(TcpParts parts, i64 wait = 1, u16 id = 0) {
    return see({false, std::move(parts), wait, id});
  }
  flow::Verdicts server(TcpParts parts, i64 wait = 1, u16 id = 0) {
    parts.from = 80;
    parts.to = 40000;
    return see({true, std::move(parts), wait, id});
  }
  // The client sends so many bytes from `seq`.
  flow::Verdicts bytes(u32 seq, u32 count, i64 wait = 1, u16 id = 0, std::vector<u8> options = {}) {
    return client({.seq = seq,
                   .ack = 1,
                   .flags = TcpFlag::ack,
                   .options = std::move(options),
                   .payload = std::string(count, 'x')},
                  wait, id);
  }
  flow::Verdicts ack(u32 number, i64 wait = 1, std::vector<u8> options = {}, u16 window = 64240) {
    return server({.seq = 1,
                   .ack = number,
                   .flags = TcpFlag::ack,
                   .window = window,
                   .options = std::move(options)},
                  wait);
  }

 private:
  flow::Verdicts see(const Play& play) {
    auto frame = ethernet(0x0800, ipv4(6, tcp(play.parts), play.back), play.back);
    frame[18] = static_cast<u8>(play.id >> 8);
    frame[19] = static_cast<u8>(play.id);
    time_ += play.wait * 1'000'000;
    Kept kept{frame, ++number_, time_};
    dissect::mark(kept.packet(), 1);
    dissect::Tree tree;
    tree.dissect(kept.packet(), {});
    table_.forget_ended();
    const auto step = table_.follow(kept.packet(), &tree);
    return step ? judge_.follow(*step, kept.packet(), &tree) : flow::Verdicts{};
  }

  flow::Judge judge_;
  flow::Table table_;
  u64 number_ = 0;
  i64 time_ = 1'000'000'000;
};

// `verdicts` holds this one, proved by these packets.
testing::AssertionResult holds(const flow::Verdicts& verdicts, Cause cause,
                               std::vector<u64> frames) {
  const auto* found = verdicts.of(cause);
  if (found == nullptr) {
    std::string others;
    for (const auto& other : verdicts) others += fmt::format(" \"{}\"", word_of(other.cause));
    return testing::AssertionFailure() << "no " << word_of(cause) << ", but" << others;
  }
  const std::vector<u64> proof{found->frames.begin(), found->frames.begin() + found->count};
  if (proof == frames) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "proved by " << testing::PrintToString(proof);
}

TEST_F(Judged, TheSameIdMakesACopy) {
  bytes(1, 100, 1, 12);
  EXPECT_TRUE(holds(bytes(1, 100, 50, 12), Cause::duplicate_capture, {4}));
  EXPECT_TRUE(holds(bytes(1, 100, 50, 13), Cause::timeout_retransmission, {4}));
}

TEST_F(Judged, AHostThatKeepsIdsSendsAgain) {
  bytes(1, 100, 1, 12);
  EXPECT_TRUE(holds(bytes(1, 100, 300, 12), Cause::timeout_retransmission, {4}));
  bytes(101, 100, 1, 13);
  EXPECT_EQ(bytes(101, 100, 50, 13).of(Cause::duplicate_capture), nullptr);
}

TEST_F(Judged, WithoutIdsOnlyACopyComesAtOnce) {
  bytes(1, 100);
  EXPECT_TRUE(holds(bytes(1, 100, 0), Cause::duplicate_capture, {4}));
  EXPECT_TRUE(holds(bytes(1, 100, 300), Cause::timeout_retransmission, {4}));
}

TEST_F(Judged, AnIdThatNeverChangesProvesNoCopy) {
  bytes(1, 100, 1, 7);
  bytes(101, 100, 1, 7);
  EXPECT_TRUE(holds(bytes(101, 100, 100, 7), Cause::tail_loss_probe, {5, 2}));
}

TEST_F(Judged, ThreeDuplicateAcksMakeItFast) {
  for (u32 i = 0; i < 5; ++i) bytes(1 + 100 * i, 100);  // 4..8
  ack(101);                                             // 9
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(holds(ack(101), Cause::waits_for_bytes, {8}));
  ack(101);  // 12
  EXPECT_TRUE(holds(bytes(101, 100), Cause::fast_retransmission, {5, 12}));
}

TEST_F(Judged, ALaterSegmentThatArrivedMakesItFast) {
  for (u32 i = 0; i < 3; ++i) bytes(1 + 100 * i, 100);
  ack(101, 1,
      sacks({
          {201, 301}
  }));  // 7
  EXPECT_TRUE(holds(bytes(101, 100), Cause::fast_retransmission, {5, 7}));
}

TEST_F(Judged, SilenceMakesItATimeout) {
  for (u32 i = 0; i < 3; ++i) bytes(1 + 100 * i, 100);
  ack(101, 1,
      sacks({
          {201, 301}
  }));
  EXPECT_TRUE(holds(bytes(101, 100, 400), Cause::timeout_retransmission, {5}));
  EXPECT_TRUE(holds(bytes(101, 100, 800), Cause::timeout_retransmission, {8}));
}

TEST_F(Judged, OnlyAProbeSendsTheLastSegmentFirst) {
  bytes(1, 100);
  ack(101);  // 5
  bytes(101, 100);
  bytes(201, 100);  // 7
  EXPECT_TRUE(holds(bytes(201, 100, 60), Cause::tail_loss_probe, {7, 5}));
}

TEST_F(Judged, WhatWasAcknowledgedIsSentInVain) {
  bytes(1, 100);
  ack(101);  // 5
  EXPECT_TRUE(holds(bytes(1, 100, 300), Cause::spurious_retransmission, {4, 5}));
}

TEST_F(Judged, DsackProvesThatItWasInVain) {
  bytes(1, 100);
  bytes(1, 100, 300);  // 5
  EXPECT_TRUE(holds(ack(101, 1,
                        sacks({
                            {1, 101}
  })),
                    Cause::spurious_retransmission, {5, 4}));
}

TEST_F(Judged, DsackOfBytesSentOnceTellsOfACopyOnTheWay) {
  bytes(1, 100, 1, 12);
  bytes(1, 100, 0, 12);  // 5
  ack(101);
  EXPECT_TRUE(holds(ack(101, 1,
                        sacks({
                            {1, 101}
  })),
                    Cause::duplicated_on_the_way, {5, 4}));
}

TEST_F(Judged, AnOlderEchoProvesThatItWasInVain) {
  bytes(1, 100, 1, 0, timestamps(5000, 9));
  bytes(1, 100, 300, 0, timestamps(5300, 9));
  EXPECT_TRUE(holds(ack(101, 1, timestamps(800, 5000)), Cause::spurious_retransmission, {5, 4}));
}

TEST_F(Judged, ANewerEchoProvesNothing) {
  bytes(1, 100, 1, 0, timestamps(5000, 9));
  bytes(1, 100, 300, 0, timestamps(5300, 9));
  EXPECT_EQ(ack(101, 1, timestamps(800, 5300)).count, 0);
}

TEST_F(Judged, AnEarlierClockInAHoleMeansReordering) {
  EXPECT_TRUE(holds(bytes(101, 100, 1, 0, timestamps(51, 9)), Cause::missing_bytes, {1}));
  EXPECT_TRUE(holds(bytes(1, 100, 90, 0, timestamps(50, 9)), Cause::reordering, {4}));
}

TEST_F(Judged, ALaterClockInAHoleMeansLoss) {
  bytes(101, 100, 1, 0, timestamps(50, 9));
  EXPECT_TRUE(holds(bytes(1, 100, 1, 0, timestamps(51, 9)), Cause::loss, {4}));
}

TEST_F(Judged, IdsTellTheOrderWhereThereIsNoClock) {
  bytes(101, 100, 1, 13);
  EXPECT_TRUE(holds(bytes(1, 100, 90, 12), Cause::reordering, {4}));
  bytes(301, 100, 1, 15);  // 6
  EXPECT_TRUE(holds(bytes(201, 100, 90, 16), Cause::loss, {6}));
}

TEST_F(Judged, AnAckOfAHoleMeansNotCaptured) {
  bytes(101, 100);
  EXPECT_TRUE(holds(ack(201), Cause::not_captured, {4}));
  EXPECT_TRUE(holds(ack(900), Cause::not_captured, {4}));
  EXPECT_EQ(ack(900, 1).of(Cause::not_captured), nullptr);
}

TEST_F(Judged, ProbesAreToldFromKeepAlives) {
  bytes(1, 100);
  ack(101);  // 5
  EXPECT_TRUE(holds(bytes(100, 0, 5000), Cause::keep_alive, {4}));
  EXPECT_TRUE(holds(ack(101), Cause::keep_alive_answer, {6}));
  EXPECT_TRUE(holds(ack(101, 1, {}, 0), Cause::receiver_full, {4}));  // 8
  EXPECT_TRUE(holds(bytes(100, 0, 300), Cause::zero_window_probe, {8}));
  ack(101, 1, {}, 0);
  EXPECT_TRUE(holds(ack(101), Cause::receiver_reads, {8}));
}

TEST_F(Judged, DataBehindAProbeThatWasRefusedRepeatsNothing) {
  bytes(1, 100);
  ack(101, 1, {}, 0);
  EXPECT_TRUE(holds(bytes(101, 1, 300), Cause::zero_window_probe, {5}));
  ack(101, 1, {}, 0);
  ack(101);
  EXPECT_EQ(bytes(101, 100).count, 0);
}

TEST_F(Judged, MoreThanTheMssIsOffload) {
  client({.seq = 1000, .flags = TcpFlag::syn});  // ports used again: 4
  server({
      .seq = 2000, .ack = 1001, .flags = TcpFlag::syn | TcpFlag::ack, .options = {2, 4, 5, 0xb4}
  });
  EXPECT_EQ(bytes(1001, 1460).of(Cause::offload), nullptr);
  EXPECT_TRUE(holds(bytes(2461, 1461), Cause::offload, {5}));
}

TEST_F(Judged, MemoryOfALongLossStaysBounded) {
  for (u32 i = 0; i < 20'000; ++i) bytes(1 + 20 * (i * 7 % 20'000), 10);
  ack(400'001);
}

}  // namespace
}  // namespace trama::tests
