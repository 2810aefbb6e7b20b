// What the file says of a packet, as rows: the words of frame.
#include "packet/dissect/frame.h"

#include "packet/dissect/value.h"
#include "packet/source/capture_bytes.h"
#include "wire/registry.h"

namespace trama::tests {
namespace {

// "word=value" of each frame row of packet `number`.
std::string rows_of(const std::string& file, unsigned number) {
  auto source = source::open_stream(source::stream_of(bytes_of(file)), "it");
  EXPECT_TRUE(source);
  Batch batch;
  EXPECT_TRUE((*source)->next(batch));
  const Packet& packet = batch.packets[number - 1];
  dissect::Tree tree;
  tree.dissect(packet, (*source)->interfaces()[packet.interface]);
  std::string text;
  for (const dissect::Row& row : tree.rows()) {
    if (!row.field->word.starts_with("frame.")) continue;
    text += fmt::format("{}=", row.field->word.substr(6));
    dissect::append_value(text, row);
    text += ' ';
  }
  return text;
}

TEST(Frame, PcapngSaysMuchOfAPacket) {
  for (const bool big_endian : {false, true}) {
    Made file{big_endian};
    const Made part = file.part();
    file.shb().idb(1, 0, part.part().option(2, "eth0").option(3, "first").bytes);
    file.epb(0, 1'000'000, "abc", 9,
             part.part()
                 .option(1, "one")
                 .option(1, "two")
                 .option(2, part.part().n32(0x0100'0001).bytes)
                 .option(4, part.part().n64(7).bytes)
                 .option(5, part.part().n64(8).bytes)
                 .option(6, part.part().n32(3).bytes)
                 .option(7, "\x01" + part.part().n64(~u64{0}).bytes)
                 .bytes);
    file.block(0xbad, part.part().n32(32473).text("mine").bytes);
    file.block(2, part.part().n16(0).n16(3).n32(0).n32(5).n32(3).n32(3).text("old").bytes);
    const std::string first = rows_of(file.bytes, 1);
    for (const auto* row :
         {"section_number=1 ", "interface_id=0 ", "interface_name=eth0 ",
          "interface_description=first ", "comment=one ", "comment=two ",
          "packet_flags=0x01000001 ", "packet_flags_direction=0x00000001 ",
          "packet_flags_crc_error=1 ", "p2p_dir=1 ", "drop_count=7 ", "packet_id=8 ",
          "interface_queue=3 ", "verdict.ebpf_tc=-1 ", "len=9 ", "cap_len=3 ", "encap_type=1 "})
      EXPECT_NE(first.find(row), std::string::npos) << row << "\nin " << first;
    const std::string custom = rows_of(file.bytes, 2);
    EXPECT_NE(custom.find("cb_pen=32473 cb_copy=1 "), std::string::npos) << custom;
    EXPECT_EQ(custom.find("encap_type"), std::string::npos) << custom;
    EXPECT_EQ(custom.find("time"), std::string::npos) << custom;
    EXPECT_NE(rows_of(file.bytes, 3).find("drop_count=3 "), std::string::npos);
  }
}

TEST(Frame, PcapSaysLittle) {
  const std::string rows = rows_of(Made{}.pcap().record(1, 2, "abc", 2).bytes, 1);
  EXPECT_EQ(rows.find("interface"), std::string::npos) << rows;
  EXPECT_EQ(rows.find("section"), std::string::npos) << rows;
  EXPECT_NE(rows.find("len_lt_caplen="), std::string::npos) << rows;
}

TEST(Frame, InterfacesWithoutNameAreCalledByWhatTheyHave) {
  const auto name_of = [](const std::string& options) {
    const std::string rows = rows_of(Made{}.shb().idb(1, 0, options).epb(0, 1, "x").bytes, 1);
    const auto at = rows.find("interface_name=");
    return at == rows.npos ? "none" : rows.substr(at + 15, rows.find(' ', at) - at - 15);
  };
  EXPECT_EQ(name_of(""), "unknown");
  EXPECT_EQ(name_of(Made{}.option(3, "uplink").bytes), "uplink");
  EXPECT_EQ(name_of(Made{}.option(15, "e1000").bytes), "e1000");
  EXPECT_EQ(name_of(Made{}.option(2, "").option(3, "uplink").bytes), "none");
}

}  // namespace
}  // namespace trama::tests
