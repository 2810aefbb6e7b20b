// -T json, -z and the verbs fields and filter, end to end.
#include <gtest/gtest.h>

#include "kit/program.h"
#include "kit/recording.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

// A connection whose client says "oi" and whose server answers "OI", and a datagram.
class ReportTest : public testing::Test {
 protected:
  void SetUp() override {
    Recording recording{path()};
    const auto write = [&](std::vector<u8> frame) {
      recording.add(std::move(frame), static_cast<i64>(recording.count() + 1) * 400'000'000);
    };
    const auto send = [&](u32 seq, u32 ack, u16 flags, std::string payload, bool back) {
      TcpParts parts{.from = 40000, .to = 65432, .seq = seq, .ack = ack, .flags = flags};
      parts.payload = std::move(payload);
      if (back) std::swap(parts.from, parts.to);
      write(ethernet(0x0800, ipv4(6, tcp(parts), back), back));
    };
    send(100, 0, TcpFlag::syn, "", false);
    send(900, 101, TcpFlag::syn | TcpFlag::ack, "", true);
    send(101, 901, TcpFlag::ack, "", false);
    send(101, 901, TcpFlag::psh | TcpFlag::ack, "oi", false);
    send(901, 103, TcpFlag::psh | TcpFlag::ack, "OI", true);
    write(ethernet(0x0800, ipv4(17, udp(5000, 9, "hello"))));
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }

  Ended read(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"read", path()});
    return run(trama(arguments), {}, {"TZ=UTC"});
  }
  std::string report(const std::string& name) {
    const Ended ended = read({"-q", "-z", name});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  }

  Folder folder_;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ReportTest, WritesJsonAsTshark) {
  const Ended ended = read({"-T", "json", "-j", "ip tcp", "-c", "1"});
  EXPECT_TRUE(ended.out.starts_with("[\n  {\n    \"_index\": \"packets-2023-11-14\",\n"))
      << ended.out;
  EXPECT_TRUE(
      has(ended.out, "\n        \"eth\": {\n          \"filtered\": \"eth\"\n        },\n"));
  EXPECT_TRUE(has(ended.out,
                  "\"ip.dsfield\": \"0x00\",\n          \"ip.dsfield_tree\": {\n"
                  "            \"filtered\": \"ip.dsfield\"\n          },"));
  EXPECT_TRUE(
      has(ended.out, "\"ip.src_host\": \"10.0.0.1\",\n          \"ip.host\": \"10.0.0.1\""));
  EXPECT_TRUE(has(ended.out, "\"tcp.port\": \"40000\",\n          \"tcp.port\": \"65432\","));
  EXPECT_TRUE(ended.out.ends_with("\n      }\n    }\n  }\n]\n"));
  EXPECT_EQ(read({"-T", "json", "-Y", "arp"}).out, "[]\n");
}

TEST_F(ReportTest, JsonTellsAChecksumsStatusOnce) {
  const std::string out = read({"-T", "json", "-Y", "udp"}).out;
  const auto at = out.find("\"udp.checksum.status\": \"2\",\n          \"udp.stream\"");
  ASSERT_NE(at, std::string::npos) << out;
  EXPECT_EQ(out.find("udp.checksum.status", at + 2), std::string::npos) << out;
}

TEST_F(ReportTest, WritesJsonInFull) {
  const Ended ended = read({"-T", "json", "-c", "1", "--no-duplicate-keys"});
  EXPECT_TRUE(has(ended.out, "\"frame.time\": \"Nov 14, 2023 22:13:20.400000000 UTC\""))
      << ended.out;
  EXPECT_TRUE(has(ended.out, "            \"tcp.flags.syn\": \"1\",")) << ended.out;
  EXPECT_TRUE(has(ended.out,
                  "\"tcp.port\": [\n            \"40000\",\n            \"65432\"\n"
                  "          ],"))
      << ended.out;
}

TEST_F(ReportTest, CountsConversations) {
  const std::string text = report("conv,tcp");
  EXPECT_TRUE(has(text, "TCP Conversations\nFilter:<No Filter>\n"));
  EXPECT_TRUE(has(text, "10.0.0.1:40000       <-> 10.0.0.2:65432            2 110 bytes")) << text;
  EXPECT_TRUE(has(report("conv,ip,udp"), "Filter:udp\n"));
  EXPECT_TRUE(has(report("endpoints,ip"), "10.0.0.1                      6           321"))
      << report("endpoints,ip");
}

TEST_F(ReportTest, ShowsTheHierarchy) {
  EXPECT_TRUE(has(report("io,phs"),
                  "eth                                      frames:6 bytes:321\n"
                  "  ip                                     frames:6 bytes:321\n"
                  "    tcp                                  frames:5 bytes:274\n"));
}

TEST_F(ReportTest, CountsByInterval) {
  const std::string text = report("io,stat,1,tcp,SUM(frame.len)frame");
  EXPECT_TRUE(has(text, "| Duration: 2.     0 secs")) << text;
  EXPECT_TRUE(has(text, "|     1: ") || has(text, "| Col 1: tcp")) << text;
  EXPECT_TRUE(has(text, "|  0 <> 1  |      3 |   162 | 162 |")) << text;
  EXPECT_TRUE(has(text, "|  1 <> Dur|      2 |   112 | 112 |")) << text;
}

TEST_F(ReportTest, FollowsAConversation) {
  EXPECT_TRUE(has(report("follow,tcp,ascii,0"),
                  "Filter: tcp.stream eq 0\nNode 0: 10.0.0.1:40000\nNode 1: 10.0.0.2:65432\n"
                  "2\noi\n\t2\nOI\n====="));
  EXPECT_TRUE(has(report("follow,udp,hex,0"), "00000000  68 65 6c 6c 6f "));
  EXPECT_TRUE(has(report("follow,tcp,raw,7"), "Node 0: :0\nNode 1: :0\n"));
}

TEST_F(ReportTest, ReportsSeeWhatTheFilterHides) {
  EXPECT_TRUE(has(read({"-q", "-Y", "udp", "-z", "io,phs"}).out, "frames:6"));
}

TEST_F(ReportTest, TellsWhichReportsThereAre) {
  EXPECT_TRUE(has(read({"-z", "help"}).out, "follow,tcp"));
  const Ended ended = read({"-z", "conv,tpc"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "conv,tcp"));
}

TEST_F(ReportTest, ShowsOnlySomeDetails) {
  const Ended ended = read({"-O", "ip", "-c", "1"});
  EXPECT_TRUE(has(ended.out, "ip.ttl"));
  EXPECT_FALSE(has(ended.out, "tcp.srcport"));
  EXPECT_EQ(read({"-O", "ipp"}).status, 2);
}

TEST_F(ReportTest, SeparatesColumnsByTabs) {
  EXPECT_TRUE(has(read({"-T", "tabs", "-c", "1"}).out, "10.0.0.1\t→\t10.0.0.2"));
}

TEST_F(ReportTest, ColoursByRules) {
  EXPECT_TRUE(has(read({"--color", "-c", "1"}).out, "\x1b[38;2;"));
  EXPECT_FALSE(has(read({"-c", "1"}).out, "\x1b["));
  const Ended plain = run(trama({"read", path(), "--color", "-c", "1"}), {}, {"NO_COLOR=1"});
  EXPECT_FALSE(has(plain.out, "\x1b["));
}

TEST(FieldsVerb, FindsWords) {
  const Ended ended = run(trama({"fields", "TCP.SRCPORT"}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(ended.out.starts_with("tcp.srcport")) << ended.out;
  EXPECT_TRUE(has(run(trama({"fields", "--json", "ip.ttl"})).out,
                  "\"type\":\"field\",\"word\":\"ip.ttl\",\"kind\":\"unsigned\""));
  const Ended none = run(trama({"fields", "tcp.srcprot"}));
  EXPECT_EQ(none.status, 1);
  EXPECT_TRUE(has(none.err, "tcp.srcport"));
}

TEST(FilterVerb, ExplainsAndRefuses) {
  EXPECT_TRUE(has(run(trama({"filter", "tcp.flags.syn"})).out, "write tcp.flags.syn == 1"));
  EXPECT_TRUE(has(run(trama({"filter", "--json", "tcp.port != 80"})).out, "\"kind\":\"differs\""));
  EXPECT_TRUE(has(run(trama({"filter", "--lang", "pt_BR", "ip.ttl < 5"})).out, "é menor que 5"));
  const Ended wrong = run(trama({"filter", "tcp.port = 80"}));
  EXPECT_EQ(wrong.status, 2);
  EXPECT_TRUE(has(wrong.err, "\n           ^\n")) << wrong.err;
}

}  // namespace
}  // namespace trama::tests
