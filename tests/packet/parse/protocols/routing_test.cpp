// Protocols by which routers and hosts agree on addresses: BGP, RIP, DHCPv6, RADIUS.
#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

using namespace std::string_literals;  // NOLINT: messages with zeros

std::string bgp(char type, const std::string& body) {
  const std::size_t size = 19 + body.size();
  return std::string(16, '\xff') + static_cast<char>(size >> 8) + static_cast<char>(size) + type +
         body;
}

TEST(Bgp, TellsSeveralMessagesOfASegment) {
  Reading reading{179};
  reading.client(bgp(1, "\x04\xfe\xb0\0\xb4\x0a\0\0\x02\0"s) + bgp(4, ""));
  EXPECT_EQ(reading.protocol(), "BGP");
  EXPECT_EQ(reading.info(), "OPEN Message, KEEPALIVE Message");
  EXPECT_EQ(reading.path(), "tcp:bgp");
  EXPECT_EQ(reading.value("bgp.open.myas"), "65200");
  EXPECT_EQ(reading.value("bgp.open.identifier"), "10.0.0.2");
}

TEST(Bgp, ReadsAnUpdateWhereverItIsCut) {
  const auto update = bgp(
      2, "\0\0\0\x0e\x40\x01\x01\0\x40\x03\x04\x0a\x01\x01\x02\x40\x02\0"s + "\x18\x01\x02\x03"s);
  for (std::size_t cut = 1; cut < update.size(); ++cut) {
    Reading reading{179};
    reading.client(update.substr(0, cut)).client(update.substr(cut));
    EXPECT_EQ(reading.info(), "UPDATE Message") << cut;
    EXPECT_EQ(reading.value("bgp.update.path_attribute.next_hop"), "10.1.1.2") << cut;
    EXPECT_EQ(reading.value("bgp.nlri_prefix"), "1.2.3.0") << cut;
  }
}

TEST(Bgp, SaysWhatIsMalformed) {
  Reading reading{179};
  reading.client(bgp(2, "\0\x09"s));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Rip, ReadsRoutes) {
  Datagrams reading{520};
  reading.server("\2\2\0\0\0\2\0\0\xc0\xa8\1\0\xff\xff\xff\0\0\0\0\0\0\0\0\1"s);
  EXPECT_EQ(reading.protocol(), "RIPv2");
  EXPECT_EQ(reading.info(), "Response");
  EXPECT_EQ(reading.value("rip.ip"), "192.168.1.0");
  EXPECT_EQ(reading.value("rip.metric"), "1");
}

TEST(Dhcpv6, ReadsWhatIsRelayed) {
  const std::string address = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"s;
  const std::string solicit = "\1\xab\xcd\xef\0\1\0\4\0\3\0\1"s;
  Datagrams reading{547};
  reading.client(solicit + "\0\3\0\x0c\0\0\0\1\0\0\0\2\0\0\0\3"s);
  EXPECT_EQ(reading.info(), "Solicit XID: 0xabcdef CID: 00030001 ");
  EXPECT_EQ(reading.value("dhcpv6.iaid.t2"), "3");
  reading.client("\x0c\0"s + address + address + "\0\x09\0\x0c"s + solicit);
  EXPECT_EQ(reading.info(), "Relay-forw L: 2001:db8::1 Solicit XID: 0xabcdef CID: 00030001 ");
  EXPECT_EQ(reading.value("dhcpv6.msgtype"), "12,1");
}

std::string radius(char code, char id, const std::string& attributes) {
  return std::string{code, id, '\0', static_cast<char>(20 + attributes.size())} +
         std::string(16, 'a') + attributes;
}

TEST(Radius, PairsQuestionsAndAnswers) {
  Datagrams reading{1812};
  reading.client(radius(1, 5, "\1\5bob"s));
  EXPECT_EQ(reading.info(), "Access-Request id=5");
  EXPECT_EQ(reading.value("radius.User_Name"), "bob");
  reading.client(radius(1, 5, "\1\5bob"s));
  EXPECT_EQ(reading.info(), "Access-Request id=5, Duplicate Request");
  reading.server(radius(2, 5, ""));
  EXPECT_EQ(reading.info(), "Access-Accept id=5");
  EXPECT_EQ(reading.value("radius.reqframe"), "1");
  EXPECT_EQ(reading.value("radius.time"), "0.020000000");
  reading.client(radius(1, 6, "\1\5bo"s).replace(3, 1, "\x30"));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Isakmp, TellsExchanges) {
  const auto message = "initiato"s + "responde" + "\0\x20\x22\x08\0\0\0\0\0\0\0\x1c"s;
  Datagrams reading{500};
  reading.client(message);
  EXPECT_EQ(reading.info(), "IKE_SA_INIT MID=00 Initiator Request");
  Datagrams nat{4500};
  nat.client("\0\0\0\0"s + message);
  EXPECT_EQ(nat.protocol(), "ISAKMP");
  EXPECT_EQ(nat.value("isakmp.exchangetype"), "34");
  nat.client("\xff");
  EXPECT_EQ(nat.info(), "NAT-keepalive");
  nat.client("\0\0\1\2\0\0\0\1secret"s);
  EXPECT_EQ(nat.info(), "ESP (SPI=0x00000102)");
  EXPECT_EQ(nat.value("esp.sequence"), "1");
  nat.client("\1");
  EXPECT_EQ(nat.told().remark, "[Malformed Packet]");
}

}  // namespace
}  // namespace trama::parse::tests
