#include "packet/dissect/tree.h"

#include <gtest/gtest.h>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "packet/dissect/value.h"
#include "packet/parse/words.h"
#include "wire/registry.h"

namespace trama::tests {
namespace {

using dissect::Tree;

// All values of a word, as text, in the order of the rows.
std::vector<std::string> values(const Tree& tree, std::string_view word) {
  std::vector<std::string> found;
  for (const auto& row : tree.rows())
    for (const auto& meaning : parse::find_word(word)->meanings)
      if (meaning.field == row.field) {
        found.emplace_back();
        dissect::append_value(found.back(), row);
      }
  return found;
}

std::string path(const Tree& tree) { return values(tree, "frame.protocols").at(0); }

using Values = std::vector<std::string>;

void read_into(Tree& tree, const Kept& kept, u16 link_type = 1) {
  source::Interface interface;
  interface.link_type = link_type;
  tree.dissect(kept.packet(), interface);
}

TEST(Tree, ReadsATcpSegmentWithItsOptions) {
  Tree tree;
  const Kept kept{
      ethernet(0x0800, ipv4(6, tcp({.seq = 7,
                                    .flags = 0x12,
                                    .options = {2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 0, 0},
                                    .payload = "hi"}
        )))
  };
  read_into(tree, kept);
  EXPECT_EQ(path(tree), "eth:ethertype:ip:tcp");
  EXPECT_EQ(tree.payload().captured, 2U);  // the parsers'
  tree.add_data();
  EXPECT_EQ(path(tree), "eth:ethertype:ip:tcp:data");
  EXPECT_EQ(values(tree, "tcp.hdr_len"), Values{"32"});
  EXPECT_EQ(values(tree, "tcp.len"), Values{"2"});
  EXPECT_EQ(values(tree, "tcp.flags"), Values{"0x0012"});
  EXPECT_EQ(values(tree, "tcp.flags.str"), Values{"·······A··S·"});
  EXPECT_EQ(values(tree, "tcp.option_kind"), (Values{"2", "1", "3", "4", "0", "0"}));
  EXPECT_EQ(values(tree, "tcp.options.mss_val"), Values{"1460"});
  EXPECT_EQ(values(tree, "tcp.options.wscale.multiplier"), Values{"128"});
  EXPECT_EQ(values(tree, "tcp.payload"), Values{"6869"});
  EXPECT_EQ(values(tree, "eth.addr"), (Values{"02:00:00:00:00:02", "02:00:00:00:00:01"}));
}

TEST(Tree, ReadsWhatAnIcmpErrorQuotes) {
  Tree tree;
  const Kept kept{ethernet(0x0800, ipv4(1, icmp_error(3, 3, ipv4(17, udp(5000, 9, "x"))), true))};
  read_into(tree, kept);
  EXPECT_EQ(path(tree), "eth:ethertype:ip:icmp:ip:udp");
  EXPECT_EQ(values(tree, "ip.src"), (Values{"10.0.0.2", "10.0.0.1"}));
  EXPECT_EQ(values(tree, "udp.dstport"), Values{"9"});
}

TEST(Tree, LeavesEthernetPaddingOut) {
  Tree tree;
  auto frame = ethernet(0x0800, ipv4(17, udp(1, 2, "abc")));
  frame.resize(60);
  const Kept kept{frame};
  read_into(tree, kept);
  EXPECT_EQ(values(tree, "udp.payload"), Values{"616263"});
}

TEST(Tree, FollowsTunnelsAndTags) {
  Tree tree;
  const auto inner = ipv4(17, udp(1, 2, ""));
  std::vector<u8> tagged{0x20, 5, 0x08, 0x00};  // priority 1, network 5
  const auto outer = ipv4(4, inner);
  tagged.insert(tagged.end(), outer.begin(), outer.end());
  const Kept kept{ethernet(0x8100, tagged)};
  read_into(tree, kept);
  EXPECT_EQ(path(tree), "eth:ethertype:vlan:ethertype:ip:ip:udp");
  EXPECT_EQ(values(tree, "vlan.id"), Values{"5"});
  EXPECT_EQ(values(tree, "vlan.priority"), Values{"1"});
}

TEST(Tree, AFragmentIsData) {
  Tree tree;
  auto packet = ipv4(17, udp(1, 2, "abc"));
  packet[6] = 0x20;  // more fragments
  const Kept kept{ethernet(0x0800, packet)};
  read_into(tree, kept);
  EXPECT_EQ(path(tree), "eth:ethertype:ip:data");
}

TEST(Tree, ShowsThePortsOfACutHeader) {
  Tree tree;
  auto frame = ethernet(0x0800, ipv4(6, tcp({.seq = 1})));
  frame.resize(14 + 20 + 10);
  const Kept kept{frame};
  read_into(tree, kept);
  EXPECT_EQ(values(tree, "tcp.srcport"), Values{"40000"});
  EXPECT_TRUE(values(tree, "tcp.seq_raw").empty());  // as tshark: it stands with what is cut
  EXPECT_TRUE(values(tree, "tcp.flags").empty());
  EXPECT_TRUE(tree.layers().back().cut);
}

TEST(Tree, NestingIsBounded) {
  Tree tree;
  std::vector<u8> frame = ipv4(17, udp(1, 2, ""));
  for (int i = 0; i < 400; ++i) frame = ipv4(4, frame);
  const Kept kept{ethernet(0x0800, frame)};
  read_into(tree, kept);
  EXPECT_EQ(tree.layers().size(), 256U);
}

// The two readings come from the same tables: what the fast one marks, the deep one must show
// there.
TEST(Tree, FastMarksAgreeWithTheDeepReading) {
  for (const auto& frame :
       {ethernet(0x0800, ipv4(6, tcp({}))), ethernet(0x86dd, ipv6(17, udp(1, 2, "x"))),
        ethernet(0x0806, std::vector<u8>(28)),
        ethernet(0x0800, ipv4(1, {8, 0, 0, 0, 0, 1, 0, 2}))}) {
    Kept kept{frame};
    Tree tree;
    read_into(tree, kept);
    dissect::mark(kept.packet(), 1);
    EXPECT_FALSE(kept.packet().deep);
    u64 deep = 0;
    for (const auto& layer : tree.layers())
      for (wire::HeaderId id = 0; id < wire::header_count; ++id)
        if (wire::headers[id] == layer.header && id != wire::id_frame && id != wire::id_data) {
          deep |= u64{1} << id;
          EXPECT_EQ(kept.packet().at[static_cast<unsigned>(layer.header->place)], layer.at)
              << layer.header->word;
        }
    EXPECT_EQ(kept.packet().has, deep) << path(tree);
  }
}

TEST(Marks, ADeepPacketIsMarked) {
  for (const auto& frame : {ethernet(0x0800, ipv4(4, ipv4(17, udp(1, 2, "")))),
                            ethernet(0x0800, ipv4(1, icmp_error(3, 1, ipv4(17, udp(1, 2, ""))))),
                            ethernet(0x8847, {0, 0, 1, 64}), ethernet(3, {0x42, 0x42, 3})}) {
    Kept kept{frame};
    dissect::mark(kept.packet(), 1);
    EXPECT_TRUE(kept.packet().deep);
  }
}

TEST(Words, AreFoundInAnyCase) {
  EXPECT_EQ(parse::find_word("TCP.Port"), parse::find_word("tcp.port"));
  EXPECT_EQ(parse::find_word("tcp.port")->meanings.size(), 2U);
  EXPECT_TRUE(parse::find_word("tcp")->is_layer);
  EXPECT_EQ(parse::find_word("tcp.nope"), nullptr);
  EXPECT_EQ(parse::nearest_word("tcp.prt"), "tcp.port");
}

// A wireless data frame (IEEE 802.11-2020 section 9.3.2), without its payload.
std::vector<u8> wireless(u8 kind, u8 flags) {
  std::vector<u8> frame{kind, flags, 44, 0};
  for (const u8 last : {1, 2, 3}) {
    frame.insert(frame.end(), {2, 0, 0, 0, 0});
    frame.push_back(last);
  }
  frame.insert(frame.end(), {0x30, 0x12});
  return frame;
}
std::vector<u8> in_snap(std::vector<u8> frame) {
  frame.insert(frame.end(), {0xaa, 0xaa, 3, 0, 0, 0, 8, 0});
  const auto inner = ipv4(17, udp(7, 9, "abc"));
  frame.insert(frame.end(), inner.begin(), inner.end());
  return frame;
}

TEST(Tree, ReadsWirelessDataToTheAccessPoint) {
  Tree tree;
  read_into(tree, Kept{in_snap(wireless(0x08, 0x01))}, 105);
  EXPECT_EQ(path(tree), "wlan:llc:ip:udp");
  EXPECT_EQ(values(tree, "wlan.fc.type_subtype"), Values{"0x0020"});
  EXPECT_EQ(values(tree, "wlan.bssid"), Values{"02:00:00:00:00:01"});
  EXPECT_EQ(values(tree, "wlan.sa"), Values{"02:00:00:00:00:02"});
  EXPECT_EQ(values(tree, "wlan.da"), Values{"02:00:00:00:00:03"});
  EXPECT_EQ(values(tree, "wlan.seq"), Values{"291"});
  EXPECT_EQ(values(tree, "llc.type"), Values{"0x0800"});
  EXPECT_EQ(values(tree, "udp.dstport"), Values{"9"});
}

TEST(Tree, ReadsFourAddressesAndQualityOfService) {
  auto frame = wireless(0x88, 0x83);
  frame.insert(frame.end(), {2, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0});  // QoS, HT Control
  Tree tree;
  read_into(tree, Kept{in_snap(frame)}, 105);
  EXPECT_EQ(values(tree, "wlan.sa"), Values{"02:00:00:00:00:04"});
  EXPECT_EQ(values(tree, "wlan.qos.tid"), Values{"5"});
  EXPECT_TRUE(values(tree, "wlan.bssid").empty());
  EXPECT_EQ(values(tree, "udp.dstport"), Values{"9"});
}

TEST(Tree, StopsAtWhatIsEncryptedOrAFragment) {
  auto secret = wireless(0x08, 0x41);
  secret.insert(secret.end(), {1, 2, 3, 0x20, 5, 6, 7, 8});
  Tree tree;
  read_into(tree, Kept{in_snap(secret)}, 105);
  EXPECT_EQ(path(tree), "wlan:data");
  EXPECT_EQ(values(tree, "data.len"), Values{"39"});
  read_into(tree, Kept{in_snap(wireless(0x08, 0x05))}, 105);
  EXPECT_EQ(path(tree), "wlan:data");
}

TEST(Tree, ReadsTheFirstOfSeveralWirelessFramesInOne) {
  auto frame = wireless(0x88, 0x01);
  frame.insert(frame.end(), {0x80, 0, 2, 0, 0, 0, 0, 5, 2, 0, 0, 0, 0, 6, 0, 39});
  auto both = in_snap(frame);
  both.insert(both.end(), 40, 0);
  Tree tree;
  const Kept kept{both};  // its bytes are looked at below
  read_into(tree, kept, 105);
  EXPECT_EQ(values(tree, "wlan.da"), Values{"02:00:00:00:00:05"});
  EXPECT_EQ(values(tree, "udp.payload"), Values{"616263"});
}

TEST(Tree, ReadsHeadersBeforeWirelessFrames) {
  auto frame = in_snap(wireless(0x08, 0x01));
  frame.insert(frame.end(), {1, 2, 3, 4});
  std::vector<u8> radiotap{0, 0, 9, 0, 2, 0, 0, 0, 0x10};
  radiotap.insert(radiotap.end(), frame.begin(), frame.end());
  Tree tree;
  const Kept kept{radiotap};  // its bytes are looked at below
  read_into(tree, kept, 127);
  EXPECT_EQ(path(tree), "radiotap:wlan_radio:wlan:llc:ip:udp");
  EXPECT_EQ(values(tree, "radiotap.length"), Values{"9"});
  EXPECT_EQ(values(tree, "wlan.fcs"), Values{"0x04030201"});
  EXPECT_EQ(values(tree, "udp.payload"), Values{"616263"});
  std::vector<u8> ppi{0, 0, 8, 0, 1, 0, 0, 0};
  const auto plain = ethernet(0x0800, ipv4(17, udp(7, 9, "abc")));
  ppi.insert(ppi.end(), plain.begin(), plain.end());
  read_into(tree, Kept{ppi}, 192);
  EXPECT_EQ(path(tree), "ppi:pcap_pktdata:eth:ethertype:ip:udp");
  EXPECT_EQ(values(tree, "ppi.dlt"), Values{"1"});
}

TEST(Tree, CutsWirelessFramesAnywhere) {
  const auto frame = in_snap(wireless(0x88, 0x83));
  for (const u16 link_type : {105, 119, 127, 163, 192})
    for (std::size_t count = 0; count <= frame.size(); ++count) {
      Tree tree;
      read_into(tree, Kept{std::vector<u8>(frame.begin(), frame.begin() + static_cast<int>(count))},
                link_type);
      EXPECT_FALSE(path(tree).empty());
    }
}

}  // namespace
}  // namespace trama::tests
