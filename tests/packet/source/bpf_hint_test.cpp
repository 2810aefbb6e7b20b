#include <gtest/gtest.h>

#include "packet/source/live.h"

namespace trama::tests {
namespace {

using source::bpf_for;

TEST(BpfHint, OneComparisonIsTurned) {
  EXPECT_EQ(bpf_for("tcp.port == 65432"), "tcp port 65432");
  EXPECT_EQ(bpf_for("TCP.PORT==65432"), "tcp port 65432");
  EXPECT_EQ(bpf_for("udp.dstport eq 53"), "udp dst port 53");
  EXPECT_EQ(bpf_for("ip.addr == 10.0.0.1"), "host 10.0.0.1");
  EXPECT_EQ(bpf_for("ip.src == 10.0.0.0/8"), "src net 10.0.0.0/8");
  EXPECT_EQ(bpf_for("ipv6.addr == fe80::1"), "ip6 host fe80::1");
}

TEST(BpfHint, LongerOnesGetAnExample) {
  EXPECT_EQ(bpf_for("tcp.port == 80 && ip.ttl < 5"), "tcp port 80");
  EXPECT_EQ(bpf_for("tcp.flags.syn"), "tcp port 80");
  EXPECT_EQ(bpf_for("x == 5"), "tcp port 80");
}

TEST(BpfHint, BpfIsLeftAlone) {
  for (const char* text : {"tcp port 80", "host example.com", "tcp[13] & 2 != 0", "port", "",
                           "host www.tcp.de", "net 10.0"})
    EXPECT_EQ(bpf_for(text), "") << text;
}

}  // namespace
}  // namespace trama::tests
