// What a copy of a capture keeps.
#include "packet/source/capture_bytes.h"
#include "packet/source/writer.h"

namespace trama::tests {
namespace {

using source::Writer;

// Reads `file`, writes it, and gives what stands in the copy.
std::string copied(std::string_view file, const source::Remark& remark = {}) {
  const Folder folder;
  const auto path = folder.path("copy.pcapng");
  auto in = source::open_stream(source::stream_of(bytes_of(file)), "it");
  auto out = Writer::open(path, {.application = "", .sections = true});
  EXPECT_TRUE(in && out);
  (*in)->keep_asides();
  (*out)->keep((*in)->sections());
  Batch batch;
  bool more = true;
  while (more) {
    more = (*in)->next(batch);
    std::size_t aside = 0;
    const auto& asides = (*in)->asides();
    for (unsigned i = 0; i < batch.count; ++i) {
      for (; aside < asides.size() && asides[aside].before <= batch.packets[i].number; ++aside)
        EXPECT_TRUE((*out)->write(asides[aside], (*in)->interfaces()));
      EXPECT_TRUE((*out)->write(batch.packets[i], (*in)->interfaces(), remark));
    }
    for (; aside < asides.size(); ++aside)
      EXPECT_TRUE((*out)->write(asides[aside], (*in)->interfaces()));
    (*in)->asides().clear();
  }
  EXPECT_TRUE((*out)->describe((*in)->interfaces()));
  EXPECT_TRUE((*out)->close());
  return read_file(path);
}

// A section in either byte order; the copy of both must be the same.
std::string rich(bool big_endian) {
  Made file{big_endian};
  const Made part = file.part();
  const std::string custom = part.part().n32(32473).text("theirs").bytes;
  const std::string interface = part.part()
                                    .option(2, "eth0")
                                    .option(8, part.part().n64(1'000'000'000).bytes)
                                    .option(9, "\x06")
                                    .option(14, part.part().n64(100).bytes)
                                    .option(1, "comment of the interface")
                                    .option(0, "")
                                    .bytes;
  const std::string packet = part.part()
                                 .option(1, "first comment")
                                 .option(1, "second")
                                 .option(2, part.part().n32(0x41).bytes)
                                 .option(4, part.part().n64(7).bytes)
                                 .option(5, part.part().n64(0x0102030405060708).bytes)
                                 .option(6, part.part().n32(3).bytes)
                                 .option(2988, custom)
                                 .option(0, "")
                                 .bytes;
  return file.shb()
      .idb(1, 4, interface)
      .epb(0, 5'000'000, "abc", 99, packet)
      .block(3, part.part().n32(9).text("simp").bytes)
      .idb(113)
      .bytes;
}

TEST(WriterCopy, KeepsOptionsOfBothByteOrders) {
  const std::string little = copied(rich(false));
  EXPECT_EQ(little, copied(rich(true)));
  EXPECT_EQ(little, copied(little));  // and a copy of the copy is the copy
  const Read read = read_bytes(little);
  ASSERT_EQ(read.packets.size(), 2U);
  EXPECT_EQ(read.packets[0].time, 105 * second);
  EXPECT_EQ(read.packets[1].time, no_time);
  EXPECT_EQ(read.packets[1].wire, 9U);
  EXPECT_EQ(read.interfaces.size(), 2U);
  EXPECT_EQ(read.interfaces[0].name, "eth0");
  const std::string& options = read.packets[0].options;
  for (const std::string& option :
       {Made{}.option(1, "first comment").option(1, "second").bytes,
        Made{}.option(2, Made{}.n32(0x41).bytes).option(4, Made{}.n64(7).bytes).bytes,
        Made{}.option(6, Made{}.n32(3).bytes).bytes,
        Made{}.option(2988, Made{}.n32(32473).text("theirs").bytes).bytes})
    EXPECT_NE(options.find(option), std::string::npos) << option;
}

// What stands beside packets, in either byte order.
std::string beside(bool big_endian) {
  Made file{big_endian};
  const Made part = file.part();
  const auto counts = part.part()
                          .n32(0)
                          .n32(0)
                          .n32(7'000'000)
                          .option(1, "counted")
                          .option(2, part.part().n32(0).n32(6'000'000).bytes)
                          .option(5, part.part().n64(3).bytes)
                          .option(0, "")
                          .bytes;
  const auto names = part.part()
                         .option(1, std::string_view{"\x7f\0\0\x01host\0", 9})
                         .n32(0)
                         .option(1, "named")
                         .option(0, "")
                         .bytes;
  const auto secrets =
      part.part().n32(0x544c534b).n32(5).text("CLIEN").pad().option(1, "key").option(0, "").bytes;
  file.block(0x0a0d0d0a, part.part()
                             .n32(0x1a2b3c4d)
                             .n16(1)
                             .n16(0)
                             .n64(~u64{0})
                             .option(1, "first section")
                             .option(4, "theirs")
                             .option(0, "")
                             .bytes);
  file.block(4, names).idb(1, 0, part.part().option(2, "a").option(0, "").bytes);
  file.block(10, secrets).epb(0, 5'000'000, "one");
  file.block(0xbad, part.part().n32(32473).text("copy").bytes);
  file.block(0x40000bad, part.part().n32(32473).text("no copy").bytes);
  file.block(9, "__REALTIME_TIMESTAMP=1000001\nMESSAGE=hello\n");
  file.block(2, part.part().n16(0).n16(3).n32(0).n32(5).n32(3).n32(4).text("old").bytes);
  file.block(5, counts);
  return file.bytes;
}

TEST(WriterCopy, KeepsWhatStandsBesideThePackets) {
  const std::string little = copied(beside(false));
  EXPECT_EQ(little, copied(beside(true)));
  EXPECT_EQ(little, copied(little));
  for (const auto* kept :
       {"first section", "named", "CLIEN", "key", "copy", "MESSAGE=hello", "counted"})
    EXPECT_NE(little.find(kept), std::string::npos) << kept;
  EXPECT_EQ(little.find("no copy"), std::string::npos);
  EXPECT_EQ(little.find("theirs"), std::string::npos);  // the writer of the copy is somebody else
  const Read read = read_bytes(little);
  EXPECT_EQ(read.trouble, "");
  ASSERT_EQ(read.packets.size(), 4U);
  EXPECT_EQ(read.packets[1].data, "copy");
  EXPECT_EQ(read.packets[2].time, 1'000'001'000);
  EXPECT_EQ(read.packets[3].options,
            Made{}.option(4, Made{}.n64(3).bytes).option(0, "").bytes);  // the old block's drops
  EXPECT_EQ(read.interfaces.at(0).dropped, 3U);
}

TEST(WriterCopy, BlocksThatNobodyKnowsAreKeptInOurByteOrder) {
  EXPECT_NE(copied(Made{}.shb().idb().block(0x777, "strange").bytes).find("strange"),
            std::string::npos);
  EXPECT_EQ(copied(Made{true}.shb().idb().block(0x777, "strange").bytes).find("strange"),
            std::string::npos);
}

TEST(WriterCopy, KeepsSectionsAndTheirInterfaces) {
  std::string file = Made{}.shb().idb(1).epb(0, 1, "one").bytes;
  file += Made{true}.shb().idb(113).idb(276).epb(1, 2, "two").bytes;
  const std::string copy = copied(file);
  const Read read = read_bytes(copy);
  EXPECT_EQ(copy, copied(copy));
  ASSERT_EQ(read.packets.size(), 2U);
  const auto& last = read.interfaces.at(read.packets[1].interface);
  EXPECT_EQ(last.link_type, 276);
  EXPECT_EQ(last.section, 2U);
  EXPECT_EQ(last.id, 1U);
}

TEST(WriterCopy, TimesKeepTheirDigits) {
  const auto micro = Made{}.shb().idb().epb(0, 1'000'001, "x").bytes;
  EXPECT_EQ(read_bytes(copied(micro)).interfaces.at(0).digits, 6);
  const auto nano = Made{}.pcap(0xa1b23c4d).record(1, 2, "x").bytes;
  EXPECT_EQ(read_bytes(copied(nano)).interfaces.at(0).digits, 9);
  const auto binary = Made{}.shb().idb(1, 0, Made{}.option(9, "\x9e").bytes).epb(0, 1U << 29, "x");
  EXPECT_EQ(read_bytes(copied(binary.bytes)).packets.at(0).time, second / 2);
}

TEST(WriterCopy, RemarksJoinTheOptions) {
  const std::string copy =
      copied(Made{}.shb().idb().epb(0, 1, "abc", 3, Made{}.option(1, "theirs").bytes).bytes,
             {"ours, olá", source::Direction::outbound});
  EXPECT_EQ(read_bytes(copy).packets.at(0).options, Made{}
                                                        .option(1, "theirs")
                                                        .option(2, Made{}.n32(2).bytes)
                                                        .option(1, "ours, olá")
                                                        .option(0, "")
                                                        .bytes);
}

TEST(WriterCopy, PacketsLargerThanUsualSurvive) {
  const std::string data(600'000, 'x');
  const auto large = Made{}.pcap(0xa1b2c3d4, 1, 1U << 20).record(1, 2, data).bytes;
  EXPECT_EQ(read_bytes(copied(large)).packets.at(0).data, data);
}

}  // namespace
}  // namespace trama::tests
