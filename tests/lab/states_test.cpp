#include "lab/states.h"

#include <gtest/gtest.h>

namespace trama::lab {
namespace {

using host::TcpState;

EndState tcp(TcpState state) { return {EndState::Kind::tcp, state}; }

TEST(States, AskAgainOnlyWhereTheSegmentMayMoveTheReceiver) {
  Segment ack{};
  ack.ack = true;
  EXPECT_TRUE(may_move(ack, tcp(TcpState::syn_received)));
  EXPECT_TRUE(may_move(ack, tcp(TcpState::last_ack)));
  EXPECT_FALSE(may_move(ack, tcp(TcpState::established)));  // no bulk transfer waits for us
  EXPECT_FALSE(may_move(ack, tcp(TcpState::time_wait)));
  Segment syn{};
  syn.syn = true;
  EXPECT_TRUE(may_move(syn, tcp(TcpState::listen)));
  EXPECT_FALSE(may_move(syn, {EndState::Kind::no_socket}));
  Segment fin = ack;
  fin.fin = true;
  EXPECT_TRUE(may_move(fin, tcp(TcpState::established)));
  EXPECT_TRUE(may_move(fin, tcp(TcpState::fin_wait_2)));
  Segment reset{};
  reset.rst = true;
  EXPECT_TRUE(may_move(reset, tcp(TcpState::syn_sent)));
  EXPECT_FALSE(may_move(reset, tcp(TcpState::listen)));
  Segment udp{};
  udp.transport = host::Transport::udp;
  EXPECT_FALSE(may_move(udp, {EndState::Kind::udp_bound}));
}

TEST(States, AreNamedAsTheRfcDoes) {
  EXPECT_EQ(name_of(tcp(TcpState::fin_wait_1)), "FIN_WAIT_1");
  EXPECT_EQ(name_of(EndState{EndState::Kind::no_socket}), "no socket");
  EXPECT_EQ(name_of(EndState{}), "");
}

}  // namespace
}  // namespace trama::lab
