#include "packet/source/capture_bytes.h"

namespace trama::tests {
namespace {

Made ng(bool big_endian = false) { return Made{big_endian}.shb(); }

TEST(PcapngFile, ReadsEveryKindOfPacketInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    Made file{big_endian};
    file.shb().idb(1, 4).idb(113, 0, file.part().option(2, "eth0").option(3, "the first").bytes);
    file.block(4, file.part().n32(0).bytes).block(0x12345, "new");
    file.block(10, file.part().n32(1).n32(7).text("secrets").bytes);
    file.epb(1, 1'000'001, "abcde", 77, file.part().option(1, "a comment").bytes);
    file.block(2, file.part().n16(1).n16(3).n32(0).n32(5).n32(3).n32(4).text("old").bytes);
    file.block(3, file.part().n32(9).text("simp").bytes);
    const Read read = read_bytes(file.bytes);
    EXPECT_EQ(read.trouble, "");
    ASSERT_EQ(read.packets.size(), 3U);
    EXPECT_EQ(read.packets[0].data, "abcde");
    EXPECT_EQ(read.packets[0].wire, 77U);
    EXPECT_EQ(read.packets[0].time, second + 1000);
    EXPECT_EQ(read.packets[0].interface, 1);
    EXPECT_EQ(read.packets[0].options, file.part().option(1, "a comment").bytes);
    EXPECT_EQ(read.packets[1].data, "old");
    EXPECT_EQ(read.packets[1].wire, 4U);
    EXPECT_EQ(read.packets[1].time, 5000);
    EXPECT_EQ(read.packets[1].interface, 1);
    EXPECT_EQ(read.packets[2].data, "simp");  // cut by the first interface's snap length
    EXPECT_EQ(read.packets[2].wire, 9U);
    EXPECT_EQ(read.packets[2].time, no_time);
    EXPECT_EQ(read.packets[2].interface, 0);
    ASSERT_EQ(read.interfaces.size(), 2U);
    EXPECT_EQ(read.interfaces[1].name, "eth0");
    EXPECT_EQ(read.interfaces[1].description, "the first");
    EXPECT_EQ(read.interfaces[1].link_type, 113);
  }
}

TEST(PcapngFile, SectionsHaveTheirOwnByteOrderAndInterfaces) {
  std::string file = ng().idb(1).epb(0, 1, "one").bytes;
  file += ng(true).idb(113).idb(276).epb(1, 2, "two").epb(0, 3, "three").bytes;
  file += ng().bytes;
  file += ng().idb(101).epb(0, 4, "four").bytes;
  const Read read = read_bytes(file);
  EXPECT_EQ(read.trouble, "");
  ASSERT_EQ(read.packets.size(), 4U);
  const u16 links[] = {1, 276, 113, 101};
  for (unsigned i = 0; i < 4; ++i)
    EXPECT_EQ(read.interfaces.at(read.packets[i].interface).link_type, links[i]) << i;
  EXPECT_EQ(read.packets[3].interface, 3);
}

TEST(PcapngFile, InterfacesOfAnEarlierSectionAreGone) {
  const Read read = read_bytes(ng().idb().idb().epb(1, 1, "x").shb().idb().epb(1, 1, "y").bytes);
  EXPECT_EQ(read.packets.size(), 1U);
  expect_says(read.trouble,
              "behind 1 packet: a packet names interface 1, and its section "
              "describes 1");
}

i64 time_of(u64 ticks, std::string_view resolution, std::optional<i64> offset = {}) {
  Made file = ng();
  std::string options;
  if (!resolution.empty()) options += Made{}.option(9, resolution).bytes;
  if (offset) options += Made{}.option(14, Made{}.n64(static_cast<u64>(*offset)).bytes).bytes;
  const Read read = read_bytes(file.idb(1, 0, options).epb(0, ticks, "x").bytes);
  return read.packets.size() == 1 ? read.packets[0].time : -1;
}

TEST(PcapngFile, TicksHaveAnyResolution) {
  constexpr u64 all = ~u64{0};
  EXPECT_EQ(time_of(1'340'954'905'300'858, ""), 1'340'954'905'300'858'000);
  EXPECT_EQ(time_of(12, {"\0", 1}), 12 * second);
  EXPECT_EQ(time_of(12, "\x03"), 12'000'000);
  EXPECT_EQ(time_of(1'340'954'905'300'858'123, "\x09"), 1'340'954'905'300'858'123);
  EXPECT_EQ(time_of(12'345'678, "\x0c"), 12'345);
  EXPECT_EQ(time_of(all, "\x13"), 1'844'674'407);  // 10^-19
  EXPECT_EQ(time_of(all, "\x1c"), 1);              // 10^-28
  EXPECT_EQ(time_of(all, "\x1d"), 0);
  EXPECT_EQ(time_of(all, "\x7f"), 0);
  EXPECT_EQ(time_of(u64{7} << 30 | u64{1} << 29, "\x9e"), 7 * second + second / 2);
  EXPECT_EQ(time_of(3, "\x80"), 3 * second);
  EXPECT_EQ(time_of(all, "\xc0"), 999'999'999);  // 2^-64
  EXPECT_EQ(time_of(all, "\xff"), 0);
}

TEST(PcapngFile, OffsetsMoveTheClock) {
  EXPECT_EQ(time_of(5'000'000, "", 100), 105 * second);
  EXPECT_EQ(time_of(5'000'000, "", -100), -95 * second);
  EXPECT_EQ(time_of(5, "\x09", -1), -999'999'995);
}

TEST(PcapngFile, TimesBeyondTheClockStayAtItsEnd) {
  constexpr i64 last = std::numeric_limits<i64>::max();
  EXPECT_EQ(time_of(~u64{0}, ""), last);
  EXPECT_EQ(time_of(~u64{0}, "\x09"), last);
  EXPECT_EQ(time_of(~u64{0}, {"\0", 1}, last), last);
  EXPECT_NE(time_of(0, "", std::numeric_limits<i64>::min()), no_time);
}

TEST(PcapngFile, StatisticsTellWhatWasDropped) {
  const auto counts = [](u64 drop) {
    return Made{}
        .n32(1)
        .n64(0)
        .option(4, Made{}.n64(1000).bytes)
        .option(5, Made{}.n64(drop).bytes)
        .option(7, Made{}.n64(40).bytes)
        .bytes;
  };
  const Read read =
      read_bytes(ng().idb().idb().block(5, counts(1)).block(5, counts(2)).block(5, "").bytes);
  EXPECT_EQ(read.interfaces.at(1).dropped, 42U);
  EXPECT_EQ(read.interfaces.at(0).dropped, 0U);
  expect_says(read.trouble, "ISB");
}

TEST(PcapngFile, DamageEndsTheReadingBehindTheLastGoodPacket) {
  const std::string good = ng().idb().epb(0, 1, "good").bytes;
  const struct {
    std::string bytes, says;
  } rows[] = {
      {Made{}.n32(6).n32(16).n32(0).n32(20).bytes,        "starts as one of 16 bytes and ends as one of"    },
      {Made{}.n32(6).n32(8).n32(8).bytes,                 "claims 8 bytes, and 12 are the least"            },
      {Made{}.n32(6).n32(16U << 20 | 4).n32(0).bytes,     "claims 16777220 bytes, and 16777216"             },
      {Made{}.block(6,                                    std::string(16,                                     '\0')).bytes, "type EPB has only 28 bytes"},
      {Made{}.block(2,                     std::string(16,                                                                       '\0')).bytes, "type PB has only 28 bytes"},
      {Made{}.block(3,               "").bytes,"type SPB has only 12 bytes"},
      {Made{}.block(1,                                                 "abcd").bytes,                                                                                      "type IDB has only 16 bytes"},
      {Made{}.block(0x0a0d0d0a,                     Made{}.n32(0x1a2b3c4d).bytes).bytes,                                                                                         "type SHB has only 16 bytes"},
      {Made{}.block(0x0a0d0d0a,std::string(16,'x')).bytes, "unknown byte order mark 0x78787878"},
      {Made{}.shb(2).bytes,                           "a section has the version 2.0"                     },
      {Made{}.epb(4,                                                 1,                                                                             "x").bytes, "names interface 4, and its section describes 1"},
      {Made{}.shb().block(3,                                      Made{}.n32(4).text("none").bytes).bytes,                                                                                                                                "before any interface"},
      {Made{}.epb(0,                               1,                        std::string(262145, 'x')).bytes, "claims 262145 bytes"},
      {Made{}.block(6,                                      Made{}.n64(0).n32(0).n32(9).n32(9).text("8 bytes.").bytes).bytes,
       "a packet of 9 bytes does not fit its block of 40"},
      {Made{}.idb(1, 0,                                                   Made{}.n16(2).n16(200).text("name").bytes).bytes,
       "what is in a block of type IDB does not fit"},
      {Made{}.n32(0x777).n32(12).bytes,"cut short; 4 more bytes"},
      {Made{}.n32(0x777).n32(17U << 20).text("x").bytes,                                      "cut short"                                                        },
  };
  for (const auto& [bytes, says] : rows) {
    const Read read = read_bytes(good + bytes);
    EXPECT_EQ(read.packets.size(), 1U) << says;
    expect_says(read.trouble, says);
    expect_says(read.trouble, "behind 1 packet");
  }
}

TEST(PcapngFile, WhatDoesNotFitItsBlockEndsTheReading) {
  const Made part;
  const auto option = [&](u16 code, std::string_view value) {
    return Made{}.epb(0, 1, "bad", 3, Made{}.option(code, value).bytes).bytes;
  };
  const struct {
    std::string bytes, says;
  } rows[] = {
      {Made{}.epb(0,                                                      1,"bad",3, Made{}.n16(1).n16(999).bytes).bytes, "EPB"},
      {option(2,                              "abc"),"EPB"},
      {option(4,                              "abcd"), "EPB"                                                         },
      {option(5,                             "abcd"),"EPB"},
      {option(6,                              "abc"),  "EPB"                                                                                                                    },
      {option(7,                              ""),"EPB"},
      {option(7,                                 "\x01y"),     "EPB"                                                                                                                                                                                  },
      {option(2988,                         "abc"),"EPB"},
      {Made{}.block(0x0a0d0d0a,                                   Made{}.n32(0x1a2b3c4d).n32(1).n64(0).n16(1).n16(99).bytes).bytes,
       "SHB"                                                                                                                                                                                                                                                                  },
      {Made{}.idb(1,0,Made{}.option(11,"").bytes).bytes, "IDB"},
      {Made{}.block(5,                                                                                                  Made{}.n32(0).n64(0).n16(1).n16(99).bytes).bytes,                    "ISB"                                                                                                                                                                                                                                                                                        },
      {Made{}.block(4,                                                                 "").bytes,"NRB"},
      {Made{}.block(4,                                                                 Made{}.n16(1).n16(2).n32(0).bytes).bytes,"NRB"},
      {Made{}.block(4,                                                                 Made{}.n16(1).n16(6).n32(0).text("no zero").bytes).bytes,"NRB"                                         },
      {Made{}.block(4,                                                                 Made{}.n16(2).n16(99).bytes).bytes,"NRB"                                                                                                                                                                                                                                         },
      {Made{}.block(10,                                                                 "abcd").bytes,"DSB"},
      {Made{}.block(10,                                                                 Made{}.n32(1).n32(5).n32(0).bytes).bytes,"DSB"},
  };
  for (const auto& [bytes, says] : rows) {
    const Read read =
        read_bytes(ng().idb().epb(0, 1, "good").bytes + bytes + Made{}.epb(0, 1, "x").bytes);
    EXPECT_EQ(read.packets.size(), 1U) << says;
    expect_says(read.trouble, "what is in a block of type " + says);
  }
}

TEST(PcapngFile, CustomBlocksAndJournalEntriesAreNumbered) {
  for (const bool big_endian : {false, true}) {
    Made file{big_endian};
    file.shb().block(0xbad, file.part().n32(32473).text("mine").bytes).idb(101, 0);
    file.epb(0, 1, "packet").block(9, "__CURSOR=1\n__REALTIME_TIMESTAMP=2000000\n");
    const Read read = read_bytes(file.bytes);
    EXPECT_EQ(read.trouble, "");
    ASSERT_EQ(read.packets.size(), 3U);
    EXPECT_EQ(read.packets[0].data, "mine");
    EXPECT_EQ(read.packets[0].time, no_time);
    EXPECT_TRUE(read.interfaces.at(read.packets[0].interface).stand_in);
    EXPECT_EQ(read.interfaces.at(read.packets[1].interface).link_type, 101);
    EXPECT_EQ(read.interfaces.at(read.packets[1].interface).id, 0U);
    EXPECT_EQ(read.packets[2].time, 2 * second);
    EXPECT_EQ(read.packets[2].data.size(), 40U);  // without the block's padding
  }
}

TEST(PcapngFile, SomeLinksHaveBytesInFrontOfThePacket) {
  const Read read = read_bytes(ng().idb(204).epb(0, 1, "\1abc", 9).bytes);
  EXPECT_EQ(read.packets.at(0).data, "abc");
  EXPECT_EQ(read.packets.at(0).wire, 8U);
  expect_says(read_bytes(ng().idb(204).epb(0, 1, "").bytes).trouble, "shorter than its link type");
}

TEST(PcapngFile, UnknownBlocksOfAnySizeArePassedOver) {
  const std::string before = ng().idb().epb(0, 1, "before").bytes;
  const std::string after = Made{}.epb(0, 1, "after").bytes;
  EXPECT_EQ(read_bytes(before + Made{}.block(0x777, std::string(17U << 20, 'x')).bytes + after)
                .packets.size(),
            2U);
  // Some writers give a length without the padding.
  EXPECT_EQ(read_bytes(before + Made{}.n32(0x777).n32(13).text("x").pad().n32(13).bytes + after)
                .packets.size(),
            2U);
}

TEST(PcapngFile, CutAnywhereGivesTheWholePackets) {
  for (const bool big_endian : {false, true}) {
    Made made{big_endian};
    std::vector<std::size_t> ends;
    made.shb().idb();
    const std::size_t blocks[] = {0, 28, made.bytes.size()};
    for (const std::string_view data : {"", "1", "four", "a longer one"})
      ends.push_back(made.epb(0, 1, data, {}, made.part().option(1, "said").bytes).bytes.size());
    for (std::size_t size = 0; size < made.bytes.size(); ++size) {
      const std::string cut = made.bytes.substr(0, size);
      const Read read = read_bytes(cut, 64);  // so that records cross the buffer's end
      const auto whole =
          std::count_if(ends.begin(), ends.end(), [&](std::size_t end) { return end <= size; });
      EXPECT_EQ(read.packets.size(), static_cast<std::size_t>(whole)) << size;
      const bool between = size == blocks[1] || size == blocks[2] ||
                           std::find(ends.begin(), ends.end(), size) != ends.end();
      EXPECT_EQ(read.trouble.empty(), between) << size << read.trouble;
    }
  }
}

TEST(PcapngFile, TooManyInterfacesEndTheReading) {
  Made file = ng();
  for (unsigned i = 0; i <= 65536; ++i) file.idb();
  const Read read = read_bytes(file.bytes);
  EXPECT_EQ(read.interfaces.size(), 65536U);
  expect_says(read.trouble, "more interfaces are described");
}

}  // namespace
}  // namespace trama::tests
