#include "scan/ports.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace trama::scan {
namespace {

using List = std::vector<u16>;

TEST(Ports, ReadsNmapsLists) {
  EXPECT_EQ(parse_ports("22")->tcp, List{22});
  EXPECT_EQ(parse_ports("22")->udp, List{22});
  EXPECT_EQ(parse_ports("80,22,80,20-23")->tcp, (List{20, 21, 22, 23, 80}));
  EXPECT_EQ(parse_ports("-3")->tcp, (List{1, 2, 3}));
  EXPECT_EQ(parse_ports("65534-")->tcp, (List{65534, 65535}));
  EXPECT_EQ(parse_ports("-")->tcp.size(), 65535U);
  EXPECT_EQ(parse_ports("0")->tcp, List{0});
  const auto both = parse_ports("1,T:80,81,u:53");
  EXPECT_EQ(both->tcp, (List{1, 80, 81}));
  EXPECT_EQ(both->udp, (List{1, 53}));
}

TEST(Ports, TakesNamesOfServices) {
  if (service_name(host::Transport::tcp, 22) != "ssh") GTEST_SKIP() << "no services database";
  EXPECT_EQ(parse_ports("ssh")->tcp, List{22});
  EXPECT_EQ(parse_ports("U:domain")->udp, List{53});
}

TEST(Ports, RefusesWhatIsNone) {
  for (const auto* list :
       {"", "65536", "22,", "a-b", "100-1", "no-such-service", "1-2-3", "22 80", "T:", "-1-2"}) {
    const auto ports = parse_ports(list);
    ASSERT_FALSE(ports) << list;
    EXPECT_EQ(ports.error().exit, Exit::bad_input);
  }
  EXPECT_NE(parse_ports("100-1").error().sentence.find("1-100"), std::string::npos);
}

TEST(Ports, KnowsCommonAndLessonPorts) {
  EXPECT_GT(common_ports().tcp.size(), 90U);
  EXPECT_LT(common_ports().tcp.size(), 120U);
  for (const Ports& ports : {common_ports(), known_ports()}) {
    EXPECT_TRUE(std::is_sorted(ports.tcp.begin(), ports.tcp.end()));
    EXPECT_TRUE(std::is_sorted(ports.udp.begin(), ports.udp.end()));
    EXPECT_EQ(std::count(ports.tcp.begin(), ports.tcp.end(), 65432), 1);
    EXPECT_EQ(std::count(ports.udp.begin(), ports.udp.end(), 65431), 1);
  }
  EXPECT_EQ(service_name(host::Transport::tcp, 1), service_name(host::Transport::tcp, 1));
  EXPECT_EQ(service_name(host::Transport::tcp, 65432), "unknown");
}

}  // namespace
}  // namespace trama::scan
