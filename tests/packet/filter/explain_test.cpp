// What is refused, where the caret stands, and what the sentence suggests.
#include "packet/filter/explain.h"

#include <gtest/gtest.h>

#include <string>

#include "packet/filter/filter.h"
#include "packet/filter/parser.h"

namespace trama::filter {
namespace {

TEST(Explain, RefusesWhatMakesNoSense) {
  for (const auto* text : {"tcp.nosuchfield == 1",
                           "tcp.port == \"http\"",
                           "tcp.port = 80",
                           "tcp.port == 99999",
                           "ip.addr == 300.1.1.1",
                           "ip.addr == 10.0.0.0/33",
                           "tcp.flags.syn == ",
                           "(tcp",
                           "tcp)",
                           "tcp and",
                           "and tcp",
                           "tcp tcp",
                           "tcp.port in {}",
                           "tcp.port in {80",
                           "tcp.port in {80 443}",
                           "tcp.port in 80",
                           "frame matches \"(\"",
                           "frame matches [a-z]",
                           "frame matches abc",
                           "ip.src contains 10",
                           "tcp.port == 80 ; udp",
                           "\"\"",
                           "80",
                           "1 == 1",
                           "frame.len == 68-1",
                           "frame.len-8 == 60",
                           "(frame.len) == 60",
                           "ip.src + 1 == 2",
                           "tcp.flags.syn & 1",
                           "frame.time_delta * 2 > 1",
                           "frame.protocols + 1",
                           "len(tcp)",
                           "foo(1) == 1",
                           "lower(tcp.port) == 1",
                           "max(tcp.srcport, ip.src) == 1",
                           "lower() == \"a\"",
                           "tcp.port == ip.src",
                           "ip.src == ipv6.src",
                           "frame contains tcp.srcport",
                           "udp[0] in {1}",
                           "len(udp) in {8}",
                           "tcp.port[0] == 1",
                           "udp[0:0]",
                           "udp[3-1]",
                           "udp[-1-1]",
                           "udp[]",
                           "udp[1,]",
                           "tcp.port#a == 1",
                           "tcp.port#-1 == 1",
                           "tcp ^ udp",
                           "tcp | udp",
                           "all tcp",
                           "any (tcp.port == 1)",
                           "eth.src == ff:ff:ff",
                           "eth.src == \"ff:ff:ff:ff:ff:ff\"",
                           "ip.src == \"10.0.0.1\"",
                           "ip.ttl == 08",
                           "ip.ttl == 'ab'",
                           "ip.ttl == 'a",
                           "frame.time > 1",
                           "frame.time_delta > \"0.5\"",
                           "frame.protocols matches \"\\w\"",
                           "tcp.",
                           "udp[0:2] == 0x0043",
                           "frame[12:2] == 8:0",
                           "tcp.port == 18446744073709551616",
                           "frame.protocols == tcp",
                           "tcp.port == \xc3\xa9"})
    EXPECT_FALSE(Filter::parse(text)) << text;
}

std::string sentence(std::string_view text) {
  const auto filter = Filter::parse(text);
  if (filter) return "accepted";
  EXPECT_EQ(filter.error().exit, Exit::bad_input);
  return filter.error().sentence;
}

TEST(Explain, PointsAtThePlace) {
  EXPECT_EQ(sentence("ip and tcp.port = 80"),
            "\"=\" alone compares nothing: write \"==\"\n"
            "  ip and tcp.port = 80\n"
            "                  ^");
  EXPECT_EQ(sentence("tcp.port == 99999"),
            "99999 is too large: this field goes to 65535\n"
            "  tcp.port == 99999\n"
            "              ^~~~~");
  EXPECT_EQ(sentence("ip and"),
            "the filter ends too early here\n"
            "  ip and\n"
            "        ^");
  EXPECT_EQ(sentence("frame contains \"\xc3\xa9\" and tcp.prot == 1"),
            "there is no field \"tcp.prot\": did you mean tcp.port?\n"
            "  frame contains \"\xc3\xa9\" and tcp.prot == 1\n"
            "                         ^~~~~~~~");
}

TEST(Explain, ShowsNoControlBytes) {
  const std::string shown = sentence("tcp \x1b[31m");
  EXPECT_EQ(shown.find('\x1b'), shown.npos);
}

TEST(Explain, RecognisesCaptureFilters) {
  EXPECT_EQ(from_capture_filter("tcp port 80"), "tcp.port == 80");
  EXPECT_EQ(from_capture_filter("port 53"), "tcp.port == 53 or udp.port == 53");
  EXPECT_EQ(from_capture_filter("udp dst port 53"), "udp.dstport == 53");
  EXPECT_EQ(from_capture_filter("host 1.2.3.4"), "ip.addr == 1.2.3.4");
  EXPECT_EQ(from_capture_filter("src host ::1"), "ipv6.src == ::1");
  EXPECT_EQ(from_capture_filter("src 10.0.0.1"), "ip.src == 10.0.0.1");
  EXPECT_EQ(from_capture_filter("dst net 10.0.0.0/8"), "ip.dst == 10.0.0.0/8");
  EXPECT_EQ(from_capture_filter("tcp portrange 1-80"), "tcp.port in {1..80}");
  EXPECT_EQ(from_capture_filter("tcp port 80 and host 1.2.3.4"), "?");
  EXPECT_EQ(from_capture_filter("tcp.port == 80"), "");
  EXPECT_EQ(from_capture_filter("tcp and udp"), "");
  EXPECT_EQ(from_capture_filter("tcp"), "");
  EXPECT_NE(sentence("src net").find("BPF"), std::string::npos);
  EXPECT_NE(sentence("tcp port 80").find("write: tcp.port == 80\n"), std::string::npos);
}

TEST(Explain, HostileTextsEnd) {
  EXPECT_FALSE(Filter::parse(std::string(longest_text + 1, ' ')));
  EXPECT_FALSE(Filter::parse(std::string(60000, '(')));
  EXPECT_FALSE(Filter::parse(std::string(60000, '{')));
  EXPECT_FALSE(Filter::parse(std::string(60000, '!')));
  std::string sum = "ip.ttl";
  for (unsigned i = 0; i < 5000; ++i) sum += " + ip.ttl";
  EXPECT_FALSE(Filter::parse(sum));
  std::string ors = "tcp";
  for (unsigned i = 0; i < 5000; ++i) ors += " or tcp";
  EXPECT_TRUE(Filter::parse(ors));
}

}  // namespace
}  // namespace trama::filter
