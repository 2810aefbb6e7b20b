#include "packet/source/capture_bytes.h"

namespace trama::tests {
namespace {

TEST(PcapFile, ReadsBothByteOrdersAndBothFractions) {
  for (const bool big_endian : {false, true})
    for (const u32 magic : {0xa1b2c3d4U, 0xa1b23c4dU}) {
      const auto file =
          Made{big_endian}.pcap(magic, 113).record(7, 5, "abc", 9).record(4'000'000'000, 6, "");
      const Read read = read_bytes(file.bytes);
      ASSERT_EQ(read.packets.size(), 2U) << read.trouble;
      EXPECT_EQ(read.trouble, "");
      EXPECT_EQ(read.packets[0].data, "abc");
      EXPECT_EQ(read.packets[0].wire, 9U);
      EXPECT_EQ(read.packets[0].time, 7 * second + (magic == 0xa1b2c3d4U ? 5000 : 5));
      EXPECT_EQ(read.packets[1].time / second, 4'000'000'000);  // seconds are unsigned: 2096
      EXPECT_EQ(read.interfaces.at(0).link_type, 113);
      EXPECT_EQ(read.interfaces.at(0).snap_length, 65535U);
    }
}

TEST(PcapFile, PatchedRecordsHaveALongerHeader) {
  const auto whole = Made{true}
                         .pcap(0xa1b2cd34)
                         .record(1, 2, "first", 5, {"\0\0\0\1\10\0\0\0", 8})
                         .record(1, 3, "second", 6, {"\0\0\0\1\10\0\0\0", 8});
  const Read read = read_bytes(whole.bytes);
  ASSERT_EQ(read.packets.size(), 2U);
  EXPECT_EQ(read.packets[1].data, "second");
}

TEST(PcapFile, CapturedMayExceedWire) {
  const Read read = read_bytes(Made{}.pcap().record(1, 2, "abcdef", 3).bytes);
  ASSERT_EQ(read.packets.size(), 1U);
  EXPECT_EQ(read.packets[0].data, "abcdef");
  EXPECT_EQ(read.packets[0].wire, 3U);
}

TEST(PcapFile, VersionsBefore24SwapTheLengths) {
  const auto record = [](Made file) {
    return file.n32(1).n32(2).n32(100).n32(3).text("abc").bytes;
  };
  for (const u16 minor : {2, 3}) {
    const Read read = read_bytes(record(Made{}.pcap(0xa1b2c3d4, 1, 65535, 2, minor)));
    ASSERT_EQ(read.packets.size(), 1U) << minor;
    EXPECT_EQ(read.packets[0].wire, 100U);
  }
  EXPECT_EQ(read_bytes(record(Made{}.pcap(0xa1b2c3d4, 1, 65535, 543, 0))).packets.size(), 1U);
  EXPECT_EQ(read_bytes(record(Made{}.pcap())).packets.size(), 0U);
  EXPECT_EQ(read_bytes(Made{}.pcap(0xa1b2c3d4, 1, 65535, 3, 9).record(1, 1, "x").bytes).trouble,
            "");
  const Read old = read_bytes(Made{}.pcap(0xa1b2c3d4, 1, 65535, 1, 4).record(1, 1, "x").bytes);
  EXPECT_FALSE(old.opened);
  expect_says(old.trouble, "version 1.4");
}

TEST(PcapFile, TheLinkTypesUpperBitsAreTheChecksumsLength) {
  const Read read = read_bytes(Made{}.pcap(0xa1b2c3d4, 0x24000001).bytes);
  ASSERT_TRUE(read.opened);
  EXPECT_EQ(read.interfaces.at(0).link_type, 1);
  EXPECT_FALSE(read_bytes(Made{}.pcap(0xa1b2c3d4, 0x00010001).bytes).opened);
}

TEST(PcapFile, AnAbsurdLengthEndsTheReading) {
  const auto start = Made{}.pcap().record(1, 2, "good").bytes;
  const Read read = read_bytes(start + Made{}.record(1, 2, std::string(262145, 'x')).bytes);
  ASSERT_EQ(read.packets.size(), 1U);
  EXPECT_EQ(read.trouble,
            "it: reading ended at byte 44, behind 1 packet: the next packet claims 262145 bytes, "
            "and 262144 are the most");
  EXPECT_EQ(read_bytes(start + Made{}.record(1, 2, std::string(262144, 'x')).bytes).packets.size(),
            2U);
  // A file that says it keeps more is believed, and so are the links that carry whole messages.
  const auto large = Made{}.record(1, 2, std::string(600000, 'x')).bytes;
  EXPECT_EQ(read_bytes(Made{}.pcap(0xa1b2c3d4, 1, 1 << 20).bytes + large).packets.size(), 1U);
  EXPECT_EQ(read_bytes(Made{}.pcap(0xa1b2c3d4, 249).bytes + large).packets.size(), 1U);
  EXPECT_EQ(read_bytes(Made{}.pcap(0xa1b2c3d4, 1, ~0U).bytes + large).packets.size(), 0U);
}

TEST(PcapFile, CutAnywhereGivesTheWholePackets) {
  const std::string file =
      Made{}.pcap().record(1, 2, "0123456789").record(1, 3, "").record(1, 4, "abcdefg").bytes;
  const std::size_t ends[] = {24, 50, 66, 89};
  ASSERT_EQ(file.size(), ends[3]);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const std::string cut = file.substr(0, size);  // its own memory: ASan sees every step too far
    const Read read = read_bytes(cut, 64);         // so that records cross the buffer's end
    EXPECT_EQ(read.opened, size >= 24);
    std::size_t whole = 0;
    while (whole < 3 && ends[whole + 1] <= size) ++whole;
    EXPECT_EQ(read.packets.size(), whole) << size;
    EXPECT_EQ(read.trouble.empty(), size == 24 || size == 50 || size == 66) << size;
  }
  expect_says(read_bytes(file.substr(0, 65)).trouble,
              "at byte 50, behind 1 packet: the file is cut short; 1 more byte should follow");
}

TEST(PcapFile, ManyPacketsOfAllSizesCrossTheBuffer) {
  Made file;
  file.pcap();
  std::vector<std::size_t> sizes;
  for (unsigned i = 0; i < 3000; ++i) sizes.push_back(i * 7919UL % 1500);
  sizes.insert(sizes.begin() + 1000, 262144);
  for (const auto size : sizes) file.record(1, 2, std::string(size, static_cast<char>(size)));
  const Read read = read_bytes(file.bytes);
  ASSERT_EQ(read.packets.size(), sizes.size()) << read.trouble;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    ASSERT_EQ(read.packets[i].data, std::string(sizes[i], static_cast<char>(sizes[i]))) << i;
}

}  // namespace
}  // namespace trama::tests
