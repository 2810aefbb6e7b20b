#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/output/lower.h"
#include "packet/source/source.h"

namespace trama::tests {
namespace {

using namespace std::string_literals;  // NOLINT: headers with zeros

// "PROTOCOL: info" of a frame.
std::string told(u16 type, const std::string& bytes) {
  const Kept kept{ethernet(type, {bytes.begin(), bytes.end()})};
  dissect::Tree tree;
  source::Interface interface;
  interface.link_type = 1;
  tree.dissect(kept.packet(), interface);
  std::string text;
  output::Column protocol{text, output::Column::Which::protocol};
  output::say_lower(protocol, tree, tree.layers().size());
  text += ": ";
  output::Column info{text, output::Column::Which::info};
  output::say_lower(info, tree, tree.layers().size());
  return text;
}

std::string ip(u8 protocol, const std::string& bytes) {
  const auto frame = ipv4(protocol, {bytes.begin(), bytes.end()});
  return {frame.begin(), frame.end()};
}

TEST(LowerRouting, TellsWhatRoutersSay) {
  EXPECT_EQ(told(0x0800, ip(50, "\0\0\1\2\0\0\0\3secret"s)), "ESP: ESP (SPI=0x00000102)");
  EXPECT_EQ(told(0x0800, ip(89, "\2\1\0\x18"s + std::string(20, '\0'))), "OSPF: Hello Packet");
  EXPECT_EQ(told(0x0800, ip(103, "\x23\0\0\0"s)), "PIMv2: Join/Prune");
  EXPECT_EQ(told(0x0800, ip(112, "\x31\1\x64\1\0\x64\0\0\x0a\0\0\1"s)), "VRRP: Announcement (v3)");
  EXPECT_EQ(told(0x0800, ip(88, "\2\5"s + std::string(18, '\0'))), "EIGRP: Hello");
}

TEST(LowerRouting, TellsWhoStandsAtTheOtherEnd) {
  EXPECT_EQ(told(0x9000, "\0\0\1\0\0\0"s), "LOOP: Reply");
  EXPECT_EQ(told(0x88cc, "\2\7\4\0\1\2\3\4\5\4\5\5eth0\6\2\0\x78\x0a\2ab\0\0"s),
            "LLDP: MA/00:01:02:03:04:05 IN/eth0 120 SysN=ab ");
  EXPECT_EQ(told(0x888e, "\2\0\0\x08\2\1\0\x08\1bob"s), "EAP: Response, Identity");
  EXPECT_EQ(told(0x888e, "\2\3\0\x5f\2\0\x8a"s + std::string(92, '\0')),
            "EAPOL: Key (Message 1 of 4)");
}

}  // namespace
}  // namespace trama::tests
