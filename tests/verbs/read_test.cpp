// trama read, end to end, on captures made here.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "kit/program.h"
#include "kit/recording.h"
#include "packet/flow/segment.h"
#include "packet/source/writer.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

// A capture file with a handshake, data, a refused UDP datagram, and something that is not IP.
class ReadTest : public testing::Test {
 protected:
  void SetUp() override {
    Recording recording{path()};
    const auto write = [&](std::vector<u8> frame) {
      recording.add(std::move(frame), static_cast<i64>(recording.count() + 1) * 1'000'000);
    };
    const auto tcp_frame = [](TcpParts parts, bool back) {
      if (back) std::swap(parts.from, parts.to);
      return ethernet(0x0800, ipv4(6, tcp(parts), back), back);
    };
    write(tcp_frame(
        {
            .to = 65432, .seq = 100, .flags = TcpFlag::syn, .options = {2, 4, 5, 0xb4}
    },
        false));
    write(tcp_frame({.to = 65432, .seq = 900, .ack = 101, .flags = TcpFlag::syn | TcpFlag::ack},
                    true));
    write(tcp_frame({.to = 65432, .seq = 101, .ack = 901, .flags = TcpFlag::ack}, false));
    write(tcp_frame({.to = 65432,
                     .seq = 101,
                     .ack = 901,
                     .flags = TcpFlag::psh | TcpFlag::ack,
                     .payload = "oi"},
                    false));
    const auto datagram = ipv4(17, udp(5000, 9, "hello"));
    write(ethernet(0x0800, datagram));
    write(ethernet(0x0800, ipv4(1, icmp_error(3, 3, datagram), true), true));
    write(ethernet(0x88cc, {2, 7, 4}));
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }

  Ended read(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    arguments.insert(arguments.begin(), {"read", path()});
    return run(trama(arguments), {}, std::move(environment));
  }

  Folder folder_;
};

TEST_F(ReadTest, ListsPacketsAsTsharkDoes) {
  const Ended ended = read({});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out.substr(0, ended.out.find('\n')),
            "    1 0.000000000     10.0.0.1 → 10.0.0.2     TCP 58 40000 → 65432 [SYN] Seq=0 "
            "Win=64240 Len=0 MSS=1460");
  EXPECT_NE(ended.out.find("[PSH, ACK] Seq=1 Ack=1 Win=64240 Len=2"), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("ICMP 75 Destination unreachable (Port unreachable)"), std::string::npos)
      << ended.out;
}

TEST_F(ReadTest, PrintsFieldsThatRepeatWithCommas) {
  const Ended ended = read({"-T", "fields", "-e", "frame.number", "-e", "ip.src", "-e",
                            "udp.dstport", "-E", "separator=|"});
  EXPECT_EQ(ended.out,
            "1|10.0.0.1|\n2|10.0.0.2|\n3|10.0.0.1|\n4|10.0.0.1|\n5|10.0.0.1|9\n6|10.0.0.2,10.0.0.1|"
            "9\n7||\n");
}

TEST_F(ReadTest, FirstAndLastOccurrenceAndQuotes) {
  const Ended first = read({"-T", "fields", "-e", "ip.src", "-E", "occurrence=f", "-E", "quote=d",
                            "-E", "header=y", "-c", "1"});
  EXPECT_EQ(first.out, "ip.src\n\"10.0.0.1\"\n");
  const Ended last = read({"-T", "fields", "-e", "ip.src", "-E", "occurrence=l", "-Y", "icmp"});
  EXPECT_EQ(last.out, "10.0.0.1\n");
}

TEST_F(ReadTest, FiltersWithBothCasesOfAWord) {
  for (const auto* filter : {"tcp.port == 65432", "TCP.PORT==65432"})
    EXPECT_EQ(read({"-Y", filter, "-T", "fields", "-e", "frame.number"}).out, "1\n2\n3\n4\n")
        << filter;
}

TEST_F(ReadTest, AWrongFilterGetsACaretAndASuggestion) {
  const Ended ended = read({"-Y", "tcp.prt == 80"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("tcp.port"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("\n  tcp.prt == 80\n  ^~~~~~~\n"), std::string::npos) << ended.err;
  EXPECT_TRUE(ended.out.empty());
}

TEST_F(ReadTest, CaptureFiltersAreToldApart) {
  const Ended ended = read({"-Y", "tcp port 80"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("-f"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("tcp.port == 80"), std::string::npos) << ended.err;
}

TEST_F(ReadTest, TheTreeShowsWordsMeaningsAndOsiLayers) {
  const Ended ended = read({"-V", "-c", "1"});
  for (const auto* part :
       {"Ethernet (eth)  layer 2, data link", "(ip)  layer 3, network", "(tcp)  layer 4, transport",
        "tcp.dstport", "65432", "receiver's port", "tcp.options.mss_val"})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in\n" << ended.out;
  const Ended portuguese = read({"-V", "-c", "1", "--lang", "pt_BR"});
  EXPECT_NE(portuguese.out.find("camada 4, transporte"), std::string::npos) << portuguese.out;
  EXPECT_NE(portuguese.out.find("porta do destinatário"), std::string::npos) << portuguese.out;
}

TEST_F(ReadTest, JsonIsOneObjectALine) {
  const Ended ended = read({"--json", "-c", "1"});
  EXPECT_TRUE(ended.out.starts_with("{\"v\":1,\"type\":\"packet\",\"number\":1,")) << ended.out;
  EXPECT_NE(ended.out.find("\"tcp.flags.syn\":true"), std::string::npos) << ended.out;
  EXPECT_TRUE(ended.out.ends_with("}\n"));
}

TEST_F(ReadTest, ShowsBytes) {
  const Ended ended = read({"-x", "-Y", "frame.number == 7"});
  EXPECT_NE(
      ended.out.find(
          "0000  02 00 00 00 00 02 02 00 00 00 00 01 88 cc 02 07   ................\n0010  04 "),
      std::string::npos)
      << ended.out;
}

TEST_F(ReadTest, CountsQuietlyAndStopsAtC) {
  const Ended all = read({"-q"});
  EXPECT_EQ(all.out, "");
  EXPECT_EQ(all.err, "7 packets\n");
  EXPECT_EQ(read({"-c", "2", "-T", "fields", "-e", "frame.number"}).out, "1\n2\n");
}

TEST_F(ReadTest, WritesWhatPassesAndReadsItBack) {
  const std::string copy = folder_.path("copy.pcapng");
  EXPECT_EQ(read({"-Y", "udp", "-w", copy}).status, 0);
  EXPECT_EQ(
      run(trama({"read", copy, "-T", "fields", "-e", "udp.dstport", "-e", "frame.time_epoch"})).out,
      "9\t1700000000.005000000\n9\t1700000000.006000000\n");
  const Ended piped =
      run({"/bin/sh", "-c",
           trama({})[0] + " read " + path() + " -Y arp -w - | " + trama({})[0] + " read - -q"});
  EXPECT_EQ(piped.err, "0 packets\n");
}

TEST_F(ReadTest, MergesSeveralFiles) {
  const std::vector<std::string> words{"-T", "fields", "-e", "frame.number", "-e", "tcp.dstport"};
  auto twice = words;
  twice.insert(twice.begin(), {path(), "tcp.flags.syn == 1"});
  EXPECT_EQ(read(twice).out, "1\t65432\n2\t65432\n3\t40000\n4\t40000\n");
  const Ended missing = read({"other.pcap", "tcp"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_NE(missing.err.find("other.pcap: "), std::string::npos) << missing.err;
}

TEST_F(ReadTest, AWordThatIsAFileAndAFilterIsAsked) {
  std::ofstream{folder_.path("tcp"), std::ios::binary} << read_file(path());
  const auto in_folder = [&](const std::string& word) {
    return run(
        {"sh", "-c",
         "cd '" + folder_.path(".") + "' && '" + trama({})[0] + "' read made.pcapng " + word});
  };
  const Ended asked = in_folder("tcp");
  EXPECT_EQ(asked.status, 2);
  EXPECT_NE(asked.err.find("./tcp"), std::string::npos) << asked.err;
  EXPECT_EQ(in_folder("./tcp").status, 0);
  EXPECT_EQ(in_folder("-Y tcp").status, 0);
}

TEST_F(ReadTest, WritesTheFormatAskedFor) {
  const auto out = folder_.path("out");
  const struct {
    const char* format;
    u32 magic;
  } rows[] = {
      {"pcap",     0xa1b2c3d4},
      {"nsecpcap", 0xa1b23c4d},
      {"pcapng",   0x0a0d0d0a}
  };
  for (const auto& [format, magic] : rows) {
    EXPECT_EQ(read({"-F", format, "-w", out}).status, 0);
    const std::string bytes = read_file(out);
    u32 start = 0;
    std::memcpy(&start, bytes.data(), sizeof start);
    EXPECT_EQ(start, magic) << format;
  }
  EXPECT_EQ(read({"-F", "snoop", "-w", out}).status, 2);
}

TEST_F(ReadTest, NeverOverwritesWhatItReads) {
  const std::string before = read_file(path());
  const Ended ended = read({"-w", path()});
  EXPECT_EQ(ended.status, 2) << ended.err;
  EXPECT_EQ(read_file(path()), before);
}

TEST_F(ReadTest, ACutFileGivesItsPacketsAndStatus2) {
  std::string bytes = read_file(path());
  const std::string cut = folder_.path("cut.pcapng");
  std::ofstream{cut, std::ios::binary} << bytes.substr(0, bytes.size() - 60);
  const Ended ended = run(trama({"read", cut, "-T", "fields", "-e", "frame.number"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(ended.out.starts_with("1\n2\n3\n4\n5\n")) << ended.out;
  EXPECT_FALSE(ended.err.empty());
}

TEST_F(ReadTest, WrongWordsAreToldWithTheNearest) {
  const Ended field = read({"-T", "fields", "-e", "tcp.dstprt"});
  EXPECT_EQ(field.status, 2);
  EXPECT_NE(field.err.find("did you mean tcp.dstport?"), std::string::npos) << field.err;
  EXPECT_EQ(run(trama({"read", "/no/such/file"})).status, 2);
  EXPECT_EQ(run(trama({"read"})).status, 2);
  EXPECT_EQ(read({"-T", "xml"}).status, 2);
  EXPECT_EQ(read({"-e", "ip.src"}).status, 2);
}

TEST_F(ReadTest, AFullDiskIsStatus74) {
  const Ended ended = run({"/bin/sh", "-c", trama({})[0] + " read -V " + path() + " > /dev/full"});
  EXPECT_EQ(ended.status, 74);
  EXPECT_NE(ended.err.find("output was lost"), std::string::npos) << ended.err;
}

TEST_F(ReadTest, ExplainTellsEveryConversation) {
  const Ended ended = run(trama({"explain", path()}));
  EXPECT_EQ(ended.status, 0) << ended.err;
  for (const auto* part :
       {"TCP 10.0.0.1:40000 → 10.0.0.2:65432", "SYN_SENT ○    │── SYN  seq=0 mss=1460 ───",
        "│ SYN_RCVD ○", "╰ Third step: both ends agree; accept() now returns.",
        "╰ 2 bytes \"oi\"; PSH: deliver to the program now.", "still open when the capture ends.",
        "UDP 10.0.0.1:5000 → 10.0.0.2:9", "ECONNREFUSED  │←── ICMP 3/3 port unreachable",
        "│ no socket ○", "2 conversations, 1 with trouble",
        "✗ No program has UDP port 9: 10.0.0.2 answers through ICMP (#6).",
        "→ Start the server, or check the port.", "1 packet belongs to no TCP or UDP conversation"})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in\n" << ended.out;
}

TEST_F(ReadTest, ExplainTellsOnlyWhatTheFilterChooses) {
  const Ended ended = run(trama({"explain", path(), "udp.port", "==", "9"}));
  EXPECT_EQ(ended.out.find("TCP 10.0.0.1"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("UDP 10.0.0.1:5000"), std::string::npos) << ended.out;
  EXPECT_EQ(run(trama({"explain", path(), "udp.port == 1"})).status, 1);
}

TEST_F(ReadTest, ExplainSpeaksPortugueseAndAscii) {
  const Ended portuguese = run(trama({"explain", path()}), {}, {"LANG=pt_BR.UTF-8"});
  EXPECT_NE(portuguese.out.find("Cliente pede conexão e anuncia seu número inicial."),
            std::string::npos)
      << portuguese.out;
  const Ended ascii = run(trama({"explain", path()}), {}, {"LC_ALL=C"});
  EXPECT_NE(ascii.out.find("SYN_SENT ?    |-- SYN  seq=0 mss=1460 ---"), std::string::npos)
      << ascii.out;
  for (const char c : ascii.out) ASSERT_GE(c, 0) << ascii.out;
}

TEST_F(ReadTest, ExplainAsJsonHasConversationsAndRungs) {
  const Ended ended = run(trama({"explain", path(), "--json", "--layers"}));
  for (const auto* part :
       {"\"type\":\"conversation\",\"transport\":\"tcp\"",
        "\"client_state\":\"ESTABLISHED\",\"client_origin\":\"deduced\"",
        "\"outcome\":\"unreachable\"",
        "\"type\":\"diagnosis\",\"transport\":\"udp\",\"stream\":0,\"rule\":\"udp_refused\"",
        "\"type\":\"layer\",\"osi\":4,\"header\":\"tcp\""})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in\n" << ended.out;
}

TEST_F(ReadTest, ExplainShowsTheLayers) {
  const Ended ended = run(trama({"explain", path(), "--layers"}));
  for (const auto* part : {"layer 2, data link", "layer 4, transport",
                           "opens a connection, numbers every byte", "no connection, no order"})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in\n" << ended.out;
}

}  // namespace
}  // namespace trama::tests
