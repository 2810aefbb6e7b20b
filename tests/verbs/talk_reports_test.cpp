// The reports that tell what was said and what is worth a look, end to end: -z expert, flow,
// follow.
#include <gtest/gtest.h>

#include "kit/program.h"
#include "kit/talk.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

constexpr u16 data = TcpFlag::psh | TcpFlag::ack;

// A request that is sent twice, its answer, and the end; then a datagram.
class TalkReports : public testing::Test {
 protected:
  void SetUp() override {
    Talk talk{path()};
    talk.open();
    const std::string request = "GET / HTTP/1.1\r\n\r\n";
    talk.tcp_segment(20, false, 101, 901, data, request);
    talk.tcp_segment(300, false, 101, 901, data, request);
    talk.tcp_segment(320, true, 901, 119, data, "HTTP/1.1 204 No Content\r\n\r\n");
    talk.tcp_segment(330, false, 119, 928, TcpFlag::fin | TcpFlag::ack);
    talk.tcp_segment(340, true, 928, 120, TcpFlag::fin | TcpFlag::ack);
    talk.tcp_segment(350, false, 120, 929, TcpFlag::rst);
    talk.datagram(360, false, 9, "hello");
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }

  Ended read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"read", path(), "-q"});
    return run(trama(arguments), {}, {"TZ=UTC"});
  }
  std::string report(const std::string& name) {
    const Ended ended = read({"-z", name});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  }

  Folder folder_;
};

TEST_F(TalkReports, CountWhatIsWorthALook) {
  EXPECT_EQ(report("expert"), R"(
Warns (1)
=============
   Frequency      Group           Protocol  Summary
           1   Sequence                TCP  Connection reset (RST)

Notes (4)
=============
   Frequency      Group           Protocol  Summary
           1   Sequence                TCP  This frame is a (suspected) retransmission
           1   Sequence                TCP  This frame initiates the connection closing
           1   Sequence                TCP  This frame undergoes the connection closing
           1   Protocol                TCP  The acknowledgment number field is nonzero while the ACK flag is not set

Chats (6)
=============
   Frequency      Group           Protocol  Summary
           1   Sequence                TCP  Connection establish request (SYN): server port 80
           1   Sequence                TCP  Connection establish acknowledge (SYN+ACK): server port 80
           1   Sequence               HTTP  GET / HTTP/1.1\r\n
           1   Sequence               HTTP  HTTP/1.1 204 No Content\r\n
           2   Sequence                TCP  Connection finish (FIN)
)");
  EXPECT_EQ(report("expert,warn,tcp.flags.syn == 1"), "");
  EXPECT_EQ(
      read({"-z", "expert,warn", "--json"}).out,
      "{\"v\":1,\"type\":\"stats.expert\",\"severity\":\"warn\",\"frames\":1,"
      "\"group\":\"Sequence\",\"protocol\":\"TCP\",\"summary\":\"Connection reset (RST)\"}\n");
}

TEST_F(TalkReports, DrawSegmentsAsArrows) {
  const std::string drawn = R"(|Time     | 10.0.0.1                              |
|         |                   | 10.0.0.2          |                   
|0.000000000|         SYN       |                   |Seq = 0
|         |(40000)  ------------------>  (80)     |
|0.010000000|         SYN, ACK  |                   |Seq = 0 Ack = 1
|         |(40000)  <------------------  (80)     |
|0.011000000|         ACK       |                   |Seq = 1 Ack = 1
|         |(40000)  ------------------>  (80)     |
|0.020000000|         PSH, ACK - Len: 18            |Seq = 1 Ack = 1
|         |(40000)  ------------------>  (80)     |
|0.300000000|         PSH, ACK - Len: 18            |Seq = 1 Ack = 1
|         |(40000)  ------------------>  (80)     |
|0.320000000|         PSH, ACK - Len: 27            |Seq = 1 Ack = 19
|         |(40000)  <------------------  (80)     |
|0.330000000|         FIN, ACK  |                   |Seq = 19 Ack = 28
|         |(40000)  ------------------>  (80)     |
|0.340000000|         FIN, ACK  |                   |Seq = 28 Ack = 20
|         |(40000)  <------------------  (80)     |
|0.350000000|         RST       |                   |Seq = 20
|         |(40000)  ------------------>  (80)     |
)";
  EXPECT_EQ(report("flow,tcp,standard"), drawn);
  EXPECT_EQ(report("flow,tcp,network"), drawn);
  EXPECT_TRUE(report("flow,any,standard,udp")
                  .ends_with("|UDP: 40000 → 9 Len=5\n"
                             "|         |(40000)  ------------------>"
                             "  (9)      |\n"));
  EXPECT_EQ(read({"-z", "flow,tcp,network,tcp.flags.reset == 1", "--json"}).out,
            "{\"v\":1,\"type\":\"stats.flow\",\"time\":0.350000000,\"stream\":0,"
            "\"from\":\"10.0.0.1\",\"from_port\":40000,\"to\":\"10.0.0.2\",\"to_port\":80,"
            "\"label\":\"RST\",\"comment\":\"Seq = 20\"}\n");
}

TEST_F(TalkReports, FollowAsYaml) {
  const std::string peers = R"(peers:
  - peer: 0
    host: 10.0.0.1
    port: 40000
  - peer: 1
    host: 10.0.0.2
    port: 80
packets:
)";
  const std::string answer = R"(  - packet: 6
    peer: 1
    timestamp: 1700000000.319999933
    data: !!binary |
      SFRUUC8xLjEgMjA0IE5vIENvbnRlbnQNCg0K
)";
  EXPECT_EQ(report("follow,tcp,yaml,0"), peers + R"(  - packet: 4
    peer: 0
    timestamp: 1700000000.019999981
    data: !!binary |
      R0VUIC8gSFRUUC8xLjENCg0K
)" + answer);
  EXPECT_EQ(report("follow,tcp,yaml,10.0.0.2:80,10.0.0.1:40000,2"), peers + answer);
  EXPECT_NE(report("follow,tcp,ascii,10.0.0.2:80,10.0.0.1:40000")
                .find("Filter: ((ip.src eq 10.0.0.2 and tcp.srcport eq 80) and (ip.dst eq 10.0.0.1 "
                      "and tcp.dstport eq 40000)) or ((ip.src eq 10.0.0.1 and"),
            std::string::npos);
}

// A header that says it is shorter than any can be: as tshark, nothing of it counts.
TEST(BrokenReports, AHeaderOfLessThanTwentyBytesIsNoPartOfTheTalk) {
  const Folder folder;
  const std::string path = folder.path("short.pcapng");
  {
    Recording recording{path};
    const auto send = [&](u16 flags, u8 words) {
      auto frame =
          ethernet(0x0800, ipv4(6, tcp({.from = 40000, .to = 9, .seq = 100, .flags = flags})));
      frame[14 + 20 + 12] = static_cast<u8>(words << 4);
      recording.add(std::move(frame), 0);
    };
    send(TcpFlag::syn, 5);
    send(TcpFlag::rst, 4);
    send(TcpFlag::syn, 5);
  }
  const auto read = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"read", path});
    return run(trama(words), {}, {}).out;
  };
  EXPECT_EQ(read({"-T", "fields", "-e", "tcp.completeness"}), "0\n1\n1\n");
  const std::string flow = read({"-q", "-z", "flow,tcp,network"});
  EXPECT_EQ(flow.find("RST"), std::string::npos) << flow;
}

// Of tunnels all datagrams of the packet are told, and the ends are the innermost ones.
TEST(TunnelReports, FollowTellsAllDatagramsOfAPacket) {
  const Folder folder;
  const std::string path = folder.path("tunnel.pcapng");
  {
    Recording recording{path};
    const auto inner = ethernet(0x0800, ipv4(17, udp(5000, 6000, "hello"), true), true);
    std::string around(8, '\0');
    around[0] = 8;  // the network number is valid
    around.append(inner.begin(), inner.end());
    recording.add(ethernet(0x0800, ipv4(17, udp(40000, 4789, around), false), false), 0);
  }
  const auto follow = [&](const std::string& stream) {
    return run(trama({"read", path, "-q", "-z", "follow,udp,raw," + stream}), {}, {}).out;
  };
  for (const char* stream : {"0", "1"}) {
    const std::string out = follow(stream);
    EXPECT_NE(out.find("Node 0: 10.0.0.2:5000\nNode 1: 10.0.0.1:6000\n08000000"), std::string::npos)
        << out;
    EXPECT_NE(out.find("\n68656c6c6f\n"), std::string::npos) << out;
  }
  EXPECT_NE(follow("2").find("Node 0: :0\n"), std::string::npos);
}

TEST_F(TalkReports, FollowIsAVerbToo) {
  const auto follow = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"follow", path()});
    return run(trama(words), {}, {"TZ=UTC"});
  };
  EXPECT_EQ(follow({"0"}).out, report("follow,tcp,ascii,0"));
  EXPECT_EQ(follow({"tcp:0", "yaml"}).out, report("follow,tcp,yaml,0"));
  EXPECT_EQ(follow({"udp:0", "hex"}).out, report("follow,udp,hex,0"));
  EXPECT_EQ(follow({"udp.port", "==", "9", "raw"}).out, report("follow,udp,raw,0"));
  const Ended json = follow({"0", "--json"});
  EXPECT_TRUE(json.out.starts_with(
      "{\"v\":1,\"type\":\"stats.said\",\"stream\":0,\"node\":0,\"bytes\":18,"))
      << json.out;
  const Ended beyond = follow({"7"});
  EXPECT_EQ(beyond.status, 1);
  EXPECT_EQ(beyond.out, "");
  EXPECT_EQ(beyond.err, "there is no TCP conversation 7; this file has 1, from 0 to 0\n");
  EXPECT_EQ(follow({"tcp.port == 7"}).status, 1);
  EXPECT_EQ(follow({}).status, 2);
  EXPECT_EQ(follow({"tcp.prot == 7"}).status, 2);
}

}  // namespace
}  // namespace trama::tests
