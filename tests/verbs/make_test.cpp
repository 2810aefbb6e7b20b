// trama make, end to end: a story becomes a capture that the other verbs read.
#include <gtest/gtest.h>

#include <fstream>

#include "kit/program.h"

namespace trama::tests {
namespace {

class MakeTest : public testing::Test {
 protected:
  std::string story(std::string_view text) {
    const auto path = folder_.path("story.txt");
    std::ofstream{path} << text;
    return path;
  }
  [[nodiscard]] std::string capture() const { return folder_.path("story.pcapng"); }

  Folder folder_;
};

TEST_F(MakeTest, WhatItMakesIsRead) {
  const auto made = run(trama({"make", story("c SYN\ns RST ACK\n"), "-w", capture()}));
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_NE(made.err.find("2 packets written to"), std::string::npos) << made.err;
  const auto read = run(trama({"read", capture(), "-T", "fields", "-e", "tcp.flags.str"}));
  EXPECT_EQ(read.status, 0) << read.err;
  const auto explained = run(trama({"explain", capture()}));
  EXPECT_NE(explained.out.find("ECONNREFUSED"), std::string::npos) << explained.out;
}

TEST_F(MakeTest, StandardInputAndOutput) {
  const auto made = run(trama({"make", "-", "-w", "-", "-F", "pcap"}), "c udp \"oi\"\n");
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(made.err, "");
  const auto read = run(trama({"read", "-"}), made.out);
  EXPECT_NE(read.out.find("UDP 44 40000 → 65432 Len=2"), std::string::npos) << read.out;
}

TEST_F(MakeTest, WrongStoriesAreRefusedAndLeaveNoFile) {
  const auto made = run(trama({"make", story("c SYN\nc SYNC\n"), "-w", capture()}));
  EXPECT_EQ(made.status, 2);
  EXPECT_NE(made.err.find(":2: \"SYNC\""), std::string::npos) << made.err;
  EXPECT_NE(run(trama({"read", capture()})).status, 0);
  EXPECT_EQ(run(trama({"make", story("c SYN\n")})).status, 2);
  EXPECT_EQ(run(trama({"make", folder_.path("none.txt"), "-w", capture()})).status, 2);
  EXPECT_EQ(run(trama({"make", story("c SYN\n"), "-w", folder_.path("no/such/folder")})).status,
            74);
  EXPECT_EQ(run(trama({"make", story("c SYN\n"), "-w", "/dev/full"})).status, 74);
}

TEST_F(MakeTest, ListsItsWords) {
  const auto words = run(trama({"make", "--words"}));
  EXPECT_EQ(words.status, 0);
  EXPECT_NE(words.out.find("again   "), std::string::npos) << words.out;
}

}  // namespace
}  // namespace trama::tests
