// trama graph, end to end.
#include <gtest/gtest.h>

#include "kit/program.h"
#include "kit/talk.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

constexpr u16 data = TcpFlag::psh | TcpFlag::ack;

// A short connection, and a longer one whose second segment is sent twice; a datagram.
class GraphVerb : public testing::Test {
 protected:
  void SetUp() override {
    Talk talk{path()};
    talk.client = 39999;
    talk.open();
    talk.client = 40000;
    talk.open(100);
    const std::string bytes(1000, 'a');
    talk.tcp_segment(200, false, 101, 901, data, bytes);
    talk.tcp_segment(240, true, 901, 1101, TcpFlag::ack);
    talk.tcp_segment(300, false, 1101, 901, data, bytes);
    talk.tcp_segment(600, false, 1101, 901, data, bytes);
    talk.tcp_segment(620, true, 901, 2101, data, "ok");
    talk.tcp_segment(630, false, 2101, 903, TcpFlag::ack);
    talk.datagram(700, false, 9, "hello");
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }
  Ended graph(std::vector<std::string> words, std::vector<std::string> environment = {}) {
    words.insert(words.begin(), {"graph", path()});
    return run(trama(words), {}, std::move(environment));
  }
  Folder folder_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(GraphVerb, DrawsTheLargestConversation) {
  const Ended ended = graph({"rtt"}, {"LC_ALL=C", "COLUMNS=60", "LINES=14"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, R"(TCP conversation 1, 10.0.0.1:40000 -> 10.0.0.2:80: round tri
round trip (ms)  * client  o server
     400 |
         |                                                *
         |
     200 |
         |
         |
         |            *
       0 |o                                                o
         +--------+------------------+------------------+---
                 200                400                600
time since the capture's first packet (ms)
)") << ended.out;
}

TEST_F(GraphVerb, DrawsTheOthersToo) {
  EXPECT_TRUE(has(graph({"sequence"}).out, "× client, again"));
  EXPECT_TRUE(has(graph({"throughput"}).out, "bytes a second (kB/s)"));
  EXPECT_TRUE(has(graph({"window"}).out, "- client's limit"));
  EXPECT_TRUE(has(graph({"throughput", "udp.port == 9"}).out, "UDP conversation 0"));
  EXPECT_TRUE(has(graph({"sequence", "--stream", "0"}).out, "TCP conversation 0"));
  EXPECT_TRUE(has(graph({"rtt", "tcp.port == 39999"}).out, "TCP conversation 0"));
  EXPECT_TRUE(has(graph({"rtt", "--lang", "pt_BR"}).out, "tempos de ida e volta"));
}

TEST_F(GraphVerb, TellsItsPointsAsJson) {
  const Ended rtt = graph({"rtt", "--json"});
  EXPECT_TRUE(rtt.out.starts_with(
      "{\"v\":1,\"type\":\"graph\",\"graph\":\"rtt\",\"protocol\":\"tcp\",\"stream\":1,"
      "\"client\":\"10.0.0.1:40000\",\"server\":\"10.0.0.2:80\"}\n"));
  EXPECT_TRUE(has(rtt.out,
                  "{\"v\":1,\"type\":\"graph.point\",\"packet\":8,\"time\":0.240000000,"
                  "\"sender\":\"client\",\"rtt\":0.040000000}\n"))
      << rtt.out;
  EXPECT_TRUE(has(graph({"sequence", "--json"}).out,
                  "\"packet\":10,\"time\":0.600000000,\"sender\":\"client\",\"seq\":1001,"
                  "\"retransmission\":true}\n"));
  EXPECT_TRUE(has(graph({"window", "--json"}).out, "\"bytes_in_flight\":1000}\n"));
  EXPECT_TRUE(has(graph({"throughput", "--json"}).out,
                  "\"time\":0.200000000,\"interval\":0.001000000,\"sender\":\"client\","
                  "\"bytes\":1000}\n"));
}

TEST_F(GraphVerb, SaysWhatIsWrong) {
  const Ended beyond = graph({"rtt", "--stream", "9"});
  EXPECT_EQ(beyond.status, 1);
  EXPECT_EQ(beyond.err, "there is no TCP conversation 9; this file has 2, from 0 to 1\n");
  EXPECT_EQ(graph({"throughput", "--stream", "0"}).status, 1);
  EXPECT_EQ(graph({"rtt", "tcp.port == 7"}).status, 1);
  EXPECT_EQ(graph({"rtt", "--stream", "udp:0"}).status, 2);
  EXPECT_EQ(graph({"rtt", "--stream", "x"}).status, 2);
  EXPECT_EQ(graph({"speed"}).status, 2);
  EXPECT_EQ(graph({}).status, 2);
  EXPECT_EQ(run(trama({"graph", "-", "rtt"})).status, 2);
}

}  // namespace
}  // namespace trama::tests
