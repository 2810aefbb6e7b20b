// What "follow" puts together: order, repetitions, overlaps, holes.
#include "packet/stats/assembly.h"

#include <gtest/gtest.h>

namespace trama::stats {
namespace {

class AssemblyTest : public testing::Test {
 protected:
  void send(unsigned side, u32 seq, u32 ack, std::string_view bytes) {
    assembly_.add({side, seq, ack, static_cast<u32>(bytes.size()), bytes});
  }
  void open(unsigned side, std::string_view early = {}) {
    assembly_.add({side, 0, 0, static_cast<u32>(early.size()), early, {}, true});
  }
  std::string said_;
  Assembly assembly_{[this](unsigned side, std::string_view bytes, const Stamp& /*stamp*/) {
    said_ += static_cast<char>('0' + side);
    said_ += ':';
    said_ += bytes;
    said_ += ' ';
  }};
};

TEST_F(AssemblyTest, KeepsTheOrderOfTheNumbers) {
  send(0, 0, 0, "");
  send(0, 1, 1, "one ");
  send(0, 9, 1, "three ");
  send(0, 5, 1, "two ");
  EXPECT_EQ(said_, "0:one  0:two  0:three  ");
}

// The SYN tells where the bytes begin, though the first of them come late.
TEST_F(AssemblyTest, StartsBehindTheSyn) {
  open(0);
  send(0, 5, 1, "two ");
  send(0, 1, 1, "one ");
  EXPECT_EQ(said_, "0:one  0:two  ");
}

// RFC 7413: the SYN's number comes before its bytes.
TEST_F(AssemblyTest, ASynMayCarryBytes) {
  open(0, "one ");
  send(0, 5, 1, "two ");
  send(1, 1, 9, "ok");
  EXPECT_EQ(said_, "0:one  0:two  1:ok ");
}

TEST_F(AssemblyTest, LeavesOutWhatWasSaid) {
  send(0, 1, 1, "abc");
  send(0, 1, 1, "abc");
  send(0, 2, 1, "bcde");
  send(1, 1, 6, "ok");
  EXPECT_EQ(said_, "0:abc 0:de 1:ok ");
}

TEST_F(AssemblyTest, TellsAHoleOnceTheReceiverHasIt) {
  send(0, 1, 1, "abc");
  send(0, 14, 1, "xyz");
  EXPECT_EQ(said_, "0:abc ");
  send(1, 1, 4, "");
  EXPECT_EQ(said_, "0:abc ");
  send(1, 1, 17, "");
  EXPECT_EQ(said_, std::string{"0:abc 0:[10 bytes missing in capture file]"} + '\0' + " 0:xyz ");
}

TEST_F(AssemblyTest, NumbersWrap) {
  send(0, 0xfffffffe, 1, "ab");
  send(0, 2, 1, "ef");
  send(0, 0, 1, "cd");
  EXPECT_EQ(said_, "0:ab 0:cd 0:ef ");
}

TEST_F(AssemblyTest, WhatWaitsIsBounded) {
  send(0, 1, 1, "a");
  const std::string much(1 << 20, 'x');
  for (u32 i = 0; i < 40; ++i) send(0, 100 + i * (1U << 20), 1, much);
  send(0, 2, 1, std::string(98, 'b'));
  EXPECT_LT(said_.size(), std::size_t{17} << 20);
}

}  // namespace
}  // namespace trama::stats
