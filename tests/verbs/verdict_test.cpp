// trama.verdict end to end: as a column, in a filter, in trees and JSON, and never where nobody
// asks.
#include <gtest/gtest.h>

#include "kit/program.h"
#include "kit/recording.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

// Bytes sent once, captured twice (4, 5), and sent again after a timeout (6).
class VerdictTest : public testing::Test {
 protected:
  void SetUp() override {
    Recording recording{path()};
    i64 time = 0;
    const auto write = [&](TcpParts parts, bool back, u8 id, i64 wait) {
      if (back) std::swap(parts.from, parts.to);
      auto frame = ethernet(0x0800, ipv4(6, tcp(parts), back), back);
      frame[19] = id;
      recording.add(std::move(frame), time += wait * 1'000'000);
    };
    const TcpParts data{
        .seq = 101, .ack = 901, .flags = TcpFlag::psh | TcpFlag::ack, .payload = "oi"};
    write({.seq = 100, .flags = TcpFlag::syn}, false, 1, 0);
    write({.seq = 900, .ack = 101, .flags = TcpFlag::syn | TcpFlag::ack}, true, 0, 1);
    write({.seq = 101, .ack = 901, .flags = TcpFlag::ack}, false, 2, 1);
    write(data, false, 3, 1);
    write(data, false, 3, 1);
    write(data, false, 4, 300);
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }
  Ended read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"read", path()});
    return run(trama(arguments));
  }

  Folder folder_;
};

TEST_F(VerdictTest, StandsInColumns) {
  const Ended ended = read({"-T", "fields", "-e", "frame.number", "-e", "trama.verdict", "-e",
                            "trama.verdict.frame", "-Y", "tcp.analysis.flags"});
  EXPECT_EQ(ended.out, "5\tduplicate capture\t4\n6\ttimeout retransmission\t4\n") << ended.err;
}

TEST_F(VerdictTest, IsAFilterWord) {
  const auto numbers = [&](const std::string& filter) {
    return read({"-T", "fields", "-e", "frame.number", "-Y", filter}).out;
  };
  EXPECT_EQ(numbers("trama.verdict == \"duplicate capture\""), "5\n");
  EXPECT_EQ(numbers("trama.verdict contains \"retransmission\""), "6\n");
  EXPECT_EQ(numbers("trama.verdict.frame == 4"), "5\n6\n");
  EXPECT_EQ(numbers("tcp.analysis.flags and !(trama.verdict contains \"duplicate\")"), "6\n");
}

TEST_F(VerdictTest, StandsInTreesAndJson) {
  EXPECT_NE(read({"-V"}).out.find("timeout retransmission"), std::string::npos);
  EXPECT_NE(read({"--json"}).out.find("\"trama.verdict\":\"duplicate capture\""),
            std::string::npos);
}

TEST_F(VerdictTest, IsNotInTsharksJson) {
  EXPECT_EQ(read({"-T", "json"}).out.find("trama.verdict"), std::string::npos);
}

TEST_F(VerdictTest, IsCountedByReports) {
  const Ended ended = read({"-q", "-z", "io,stat,0,trama.verdict"});
  EXPECT_NE(ended.out.find("|      2 |"), std::string::npos) << ended.out;
}

TEST_F(VerdictTest, ExplainDiagnosesByIt) {
  const Ended ended = run(trama({"explain", path()}));
  for (const auto* part :
       {"! 1 of 1 segments lost and sent again, slowest after 301.0 ms (#6 of #4).",
        "· 1 packet is here twice (#5 of #4): a copy, not a retransmission.", "len=2 COPY ──",
        "len=2 RETRANS ──", "No ACK for 301 ms: the same bytes again (copy of #4)"})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in\n" << ended.out;
  const Ended json = run(trama({"explain", path(), "--json"}));
  EXPECT_NE(json.out.find(R"("type":"diagnosis","transport":"tcp","stream":0,"rule":"loss",)"
                          R"("weight":"trouble")"),
            std::string::npos)
      << json.out;
  EXPECT_NE(json.out.find(R"("packets":[4,5])"), std::string::npos) << json.out;
}

}  // namespace
}  // namespace trama::tests
