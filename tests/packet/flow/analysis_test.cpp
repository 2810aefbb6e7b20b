#include "packet/flow/analysis.h"

#include <gtest/gtest.h>

#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using namespace flow;  // NOLINT: what is tested

constexpr i64 ms = 1'000'000;

// Two ends; every call is one segment, its number counts from 1.
class Talk {
 public:
  struct Part {
    u32 seq, ack, length = 0;
    u16 flags = TcpFlag::ack;
    u16 window = 1000;
  };
  Analysis client(i64 time, const Part& part) { return say(0, time, part); }
  Analysis server(i64 time, const Part& part) { return say(1, time, part); }

  void open() {
    client(0, {.seq = 99, .ack = 0, .flags = TcpFlag::syn});
    server(10 * ms, {.seq = 499, .ack = 100, .flags = TcpFlag::syn | TcpFlag::ack});
    client(20 * ms, {.seq = 100, .ack = 500});
  }

 private:
  Analysis say(unsigned from, i64 time, const Part& part) {
    Segment segment;
    segment.seq = part.seq;
    segment.ack = part.ack;
    segment.length = part.length;
    segment.flags = part.flags;
    segment.window = part.window;
    Analysis analysis;
    analyse(tracks_[from], tracks_[1 - from], segment, {++frame_, time, -2, 20 * ms, 0}, analysis);
    return analysis;
  }
  Track tracks_[2];
  u64 frame_ = 0;
};

TEST(Analysis, AnOrderlyExchangeIsUnremarkable) {
  Talk talk;
  talk.open();
  const auto data = talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 50});
  EXPECT_EQ(data.found, 0U);
  EXPECT_EQ(data.bytes_in_flight, 50U);
  const auto ack = talk.server(40 * ms, {.seq = 500, .ack = 150});
  EXPECT_EQ(ack.found, 0U);
  EXPECT_EQ(ack.acks_frame, 4U);
  EXPECT_EQ(ack.ack_rtt, 10 * ms);
}

// Acknowledgements of bytes that were not captured: the peer's duplicates may be missing, too, so
// that a repetition of what it waits for is taken for a fast one, until it acknowledges again.
TEST(Analysis, MissedPacketsMayHaveBeenDuplicateAcks) {
  Talk talk;
  talk.open();
  talk.server(21 * ms, {.seq = 500, .ack = 100, .length = 100});
  EXPECT_EQ(talk.server(22 * ms, {.seq = 600, .ack = 300}).found, u32{found::ack_lost_segment});
  EXPECT_EQ(talk.server(23 * ms, {.seq = 600, .ack = 310}).found, 0U);
  EXPECT_EQ(talk.server(24 * ms, {.seq = 500, .ack = 310, .length = 100}).found,
            u32{found::fast_retransmission});
  const auto duplicate = talk.client(25 * ms, {.seq = 100, .ack = 500});
  EXPECT_EQ(duplicate.duplicate_number, 1U);
  EXPECT_FALSE(talk.server(26 * ms, {.seq = 500, .ack = 100, .length = 100}).found &
               found::fast_retransmission);
}

TEST(Analysis, AGapIsALostSegmentAndItsFillerOutOfOrder) {
  Talk talk;
  talk.open();
  EXPECT_EQ(talk.client(30 * ms, {.seq = 200, .ack = 500, .length = 100}).found,
            u32{found::lost_segment});
  EXPECT_EQ(talk.client(31 * ms, {.seq = 100, .ack = 500, .length = 100}).found,
            u32{found::out_of_order});
}

TEST(Analysis, RepeatedBytesAreARetransmissionWithItsTimeout) {
  Talk talk;
  talk.open();
  talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 100});
  const auto again = talk.client(230 * ms, {.seq = 100, .ack = 500, .length = 100});
  EXPECT_EQ(again.found, u32{found::retransmission});
  EXPECT_EQ(again.rto, 200 * ms);
  EXPECT_EQ(again.rto_frame, 4U);
}

TEST(Analysis, BytesAcknowledgedBeforeAreSpurious) {
  Talk talk;
  talk.open();
  talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 100});
  talk.server(40 * ms, {.seq = 500, .ack = 200});
  EXPECT_EQ(talk.client(300 * ms, {.seq = 100, .ack = 500, .length = 100}).found,
            u32{found::spurious_retransmission});
}

TEST(Analysis, DuplicateAcksMakeAFastRetransmission) {
  Talk talk;
  talk.open();
  talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 100});
  talk.client(31 * ms, {.seq = 200, .ack = 500, .length = 100});
  talk.client(32 * ms, {.seq = 300, .ack = 500, .length = 100});
  talk.server(40 * ms, {.seq = 500, .ack = 100});  // the same as its SYN ACK told
  const auto duplicate = talk.server(41 * ms, {.seq = 500, .ack = 100});
  EXPECT_EQ(duplicate.found, u32{found::duplicate_ack});
  EXPECT_EQ(duplicate.duplicate_number, 2U);
  EXPECT_EQ(talk.client(42 * ms, {.seq = 100, .ack = 500, .length = 100}).found,
            u32{found::fast_retransmission});
}

TEST(Analysis, KeepAliveAndItsAnswer) {
  Talk talk;
  talk.open();
  EXPECT_EQ(talk.client(5000 * ms, {.seq = 99, .ack = 500}).found, u32{found::keep_alive});
  talk.server(5010 * ms, {.seq = 500, .ack = 100});
  talk.client(9000 * ms, {.seq = 99, .ack = 500});
  EXPECT_EQ(talk.server(9010 * ms, {.seq = 500, .ack = 100}).found, u32{found::keep_alive_ack});
}

TEST(Analysis, AFullWindowAClosedOneAndItsProbe) {
  Talk talk;
  talk.open();
  talk.server(21 * ms, {.seq = 500, .ack = 100, .window = 1000});
  EXPECT_EQ(talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 1000}).found,
            u32{found::window_full});
  EXPECT_EQ(talk.server(40 * ms, {.seq = 500, .ack = 1100, .window = 0}).found,
            u32{found::zero_window});
  EXPECT_EQ(talk.client(300 * ms, {.seq = 1100, .ack = 500, .length = 1}).found,
            u32{found::zero_window_probe});
  EXPECT_NE(talk.server(310 * ms, {.seq = 500, .ack = 1100, .window = 0}).found &
                found::zero_window_probe_ack,
            0U);
  EXPECT_EQ(talk.server(400 * ms, {.seq = 500, .ack = 1100, .window = 1000}).found,
            u32{found::window_update});
}

TEST(Analysis, AcknowledgingUnseenBytesIsToldOnce) {
  Talk talk;
  talk.open();
  EXPECT_EQ(talk.server(30 * ms, {.seq = 500, .ack = 300}).found, u32{found::ack_lost_segment});
  EXPECT_FALSE(talk.server(31 * ms, {.seq = 500, .ack = 300, .length = 9}).found &
               found::ack_lost_segment);
  EXPECT_FALSE(talk.server(32 * ms, {.seq = 509, .ack = 900}).found & found::ack_lost_segment);
  talk.client(33 * ms, {.seq = 900, .ack = 509});  // something new was sent: it can be told again
  EXPECT_TRUE(talk.server(34 * ms, {.seq = 509, .ack = 950}).found & found::ack_lost_segment);
}

TEST(Analysis, ClocksThatGoBackwardsAreNoReordering) {
  Talk talk;
  talk.open();
  talk.client(30 * ms, {.seq = 100, .ack = 500, .length = 100});
  talk.client(31 * ms, {.seq = 200, .ack = 500, .length = 100});
  EXPECT_EQ(talk.client(5 * ms, {.seq = 100, .ack = 500, .length = 100}).found,
            u32{found::retransmission});
}

}  // namespace
}  // namespace trama::tests
