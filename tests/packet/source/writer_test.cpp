#include "packet/source/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packet/source/capture_bytes.h"

namespace trama::tests {
namespace {

using source::Format;
using source::Writer;
using source::WriterOptions;

Packet packet_of(std::string_view data, i64 time, u16 interface = 0) {
  Packet packet;
  packet.data = bytes_of(data).data();
  packet.captured = static_cast<u32>(data.size());
  packet.wire = packet.captured + 10;
  packet.time = time;
  packet.interface = interface;
  return packet;
}

std::deque<source::Interface> interfaces_of(std::initializer_list<u16> links) {
  std::deque<source::Interface> interfaces;
  for (const u16 link : links) {
    interfaces.emplace_back().link_type = link;
    interfaces.back().name = fmt::format("if{}", interfaces.size());
  }
  return interfaces;
}

// What stands in the file is read by our own reader; the tests of the reader vouch for that.
class WriterTest : public testing::TestWithParam<Format> {
 protected:
  std::unique_ptr<Writer> open(WriterOptions options = {}) {
    options.format = GetParam();
    auto opened = Writer::open(path_, options);
    EXPECT_TRUE(opened) << opened.error().sentence;
    return std::move(*opened);
  }
  Folder folder_;
  std::string path_ = folder_.path("out");
};

TEST_P(WriterTest, WhatIsWrittenIsRead) {
  auto interfaces = interfaces_of({113});
  auto writer = open();
  std::vector<std::string> datas;
  for (unsigned i = 0; i < 300; ++i) datas.emplace_back(i % 70, static_cast<char>(i));
  for (unsigned i = 0; i < 300; ++i)
    ASSERT_TRUE(writer->write(packet_of(datas[i], i * second + i), interfaces));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(writer->packets(), 300U);
  const Read read = read_bytes(read_file(path_));
  EXPECT_EQ(read.trouble, "");
  ASSERT_EQ(read.packets.size(), 300U);
  for (unsigned i = 0; i < 300; ++i) {
    EXPECT_EQ(read.packets[i].data, datas[i]);
    EXPECT_EQ(read.packets[i].wire, datas[i].size() + 10);
    EXPECT_EQ(read.packets[i].time, i * second + i);
  }
  EXPECT_EQ(read.interfaces.at(0).link_type, 113);
}

TEST_P(WriterTest, AFlushedFileIsWholeWithoutBeingClosed) {
  auto interfaces = interfaces_of({1});
  auto writer = open();
  ASSERT_TRUE(writer->describe(interfaces));
  for (unsigned i = 1; i < 4; ++i) {
    ASSERT_TRUE(writer->write(packet_of("abc", 1), interfaces));
    ASSERT_TRUE(writer->flush());
    const Read read = read_bytes(read_file(path_));
    EXPECT_EQ(read.packets.size(), i);
    EXPECT_EQ(read.trouble, "");
  }
}

TEST_P(WriterTest, AFileWithoutPacketsIsACapture) {
  auto writer = open();
  ASSERT_TRUE(writer->describe(interfaces_of({101})));
  ASSERT_TRUE(writer->close());
  const Read read = read_bytes(read_file(path_));
  EXPECT_TRUE(read.opened);
  EXPECT_EQ(read.trouble, "");
  EXPECT_EQ(read.interfaces.at(0).link_type, 101);
}

TEST_P(WriterTest, AFullDiskIsToldOnce) {
  path_ = "/dev/full";
  WriterOptions options;
  options.format = GetParam();
  auto opened = Writer::open(path_, options);
  if (GetParam() == Format::pcapng) {  // its header is written at once
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().exit, Exit::lost_output);
    EXPECT_EQ(opened.error().number, ENOSPC);
    return;
  }
  ASSERT_TRUE((*opened)->write(packet_of("abc", 1), interfaces_of({1})));
  const auto closed = (*opened)->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().exit, Exit::lost_output);
  expect_says(closed.error().sentence, "/dev/full: packets were lost");
}

TEST_P(WriterTest, NeverOverwritesWhatIsBeingRead) {
  open()->close();
  ASSERT_EQ(symlink(path_.c_str(), folder_.path("alias").c_str()), 0);
  const auto opened = Writer::open(
      path_, {.format = GetParam(), .application = "", .reading = {folder_.path("alias")}});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit, Exit::bad_input);
  EXPECT_FALSE(read_file(path_).empty());
}

TEST_P(WriterTest, TimesThatNoFileHoldsBecomeTheFirst) {
  auto writer = open();
  ASSERT_TRUE(writer->write(packet_of("abc", -5), interfaces_of({1})));
  ASSERT_TRUE(writer->close());
  EXPECT_EQ(read_bytes(read_file(path_)).packets.at(0).time, 0);
}

INSTANTIATE_TEST_SUITE_P(BothFormats, WriterTest, testing::Values(Format::pcapng, Format::nsecpcap),
                         [](const auto& info) {
                           return info.param == Format::nsecpcap ? "pcap" : "pcapng";
                         });

TEST(Writer, NoFolderAndNoRight) {
  const Folder folder;
  const auto missing = Writer::open(folder.path("none/out"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().exit, Exit::lost_output);
}

TEST(Writer, PcapRefusesASecondLinkType) {
  const Folder folder;
  const auto path = folder.path("out.pcap");
  auto writer = Writer::open(path, {.format = Format::pcap, .application = ""});
  ASSERT_TRUE(writer);
  const auto interfaces = interfaces_of({1, 1, 113});
  EXPECT_TRUE((*writer)->write(packet_of("abc", 1, 0), interfaces));
  EXPECT_TRUE((*writer)->write(packet_of("abc", 1, 1), interfaces));
  const auto refused = (*writer)->write(packet_of("abc", 1, 2), interfaces);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit, Exit::bad_input);
  expect_says(refused.error().sentence, "pcap holds one link type (1)");
  ASSERT_TRUE((*writer)->close());
  EXPECT_EQ(read_bytes(read_file(path)).packets.size(), 2U);
}

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

TEST(Writer, KeepsOptionsOfBothByteOrders) {
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

TEST(Writer, KeepsWhatStandsBesideThePackets) {
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

TEST(Writer, BlocksThatNobodyKnowsAreKeptInOurByteOrder) {
  EXPECT_NE(copied(Made{}.shb().idb().block(0x777, "strange").bytes).find("strange"),
            std::string::npos);
  EXPECT_EQ(copied(Made{true}.shb().idb().block(0x777, "strange").bytes).find("strange"),
            std::string::npos);
}

TEST(Writer, KeepsSectionsAndTheirInterfaces) {
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

TEST(Writer, TimesKeepTheirDigits) {
  const auto micro = Made{}.shb().idb().epb(0, 1'000'001, "x").bytes;
  EXPECT_EQ(read_bytes(copied(micro)).interfaces.at(0).digits, 6);
  const auto nano = Made{}.pcap(0xa1b23c4d).record(1, 2, "x").bytes;
  EXPECT_EQ(read_bytes(copied(nano)).interfaces.at(0).digits, 9);
  const auto binary = Made{}.shb().idb(1, 0, Made{}.option(9, "\x9e").bytes).epb(0, 1U << 29, "x");
  EXPECT_EQ(read_bytes(copied(binary.bytes)).packets.at(0).time, second / 2);
}

TEST(Writer, PcapHoldsMicroseconds) {
  const Folder folder;
  auto writer = Writer::open(folder.path("out"), {.format = Format::pcap, .application = ""});
  ASSERT_TRUE((*writer)->write(packet_of("abc", 1'234'567'891), interfaces_of({1})));
  ASSERT_TRUE((*writer)->close());
  EXPECT_EQ(read_bytes(read_file(folder.path("out"))).packets.at(0).time, 1'234'567'000);
}

TEST(Writer, AWholeFileTakesThePlaceOfTheOldOneAtTheEnd) {
  const Folder folder;
  const auto path = folder.path("out");
  const auto link = folder.path("link");
  { Writer::open(path, {.application = "old"}); }
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  ASSERT_EQ(symlink(path.c_str(), link.c_str()), 0);
  const auto write = [&](bool close) {
    auto writer = Writer::open(link, {.application = "new", .whole = true});
    ASSERT_TRUE((*writer)->write(packet_of("abc", 1), interfaces_of({1})));
    ASSERT_TRUE((*writer)->flush());
    EXPECT_NE(read_file(path).find("old"), std::string::npos);
    if (close) {
      ASSERT_TRUE((*writer)->close());
    }
  };
  write(false);
  EXPECT_NE(read_file(path).find("old"), std::string::npos);
  write(true);
  EXPECT_NE(read_file(path).find("new"), std::string::npos);
  struct stat about {};
  ASSERT_EQ(lstat(link.c_str(), &about), 0);
  EXPECT_TRUE(S_ISLNK(about.st_mode));
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(Writer, RemarksJoinTheOptions) {
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

TEST(Writer, PacketsLargerThanUsualSurvive) {
  const std::string data(600'000, 'x');
  const auto large = Made{}.pcap(0xa1b2c3d4, 1, 1U << 20).record(1, 2, data).bytes;
  EXPECT_EQ(read_bytes(copied(large)).packets.at(0).data, data);
}

TEST(Writer, CountersStandAtTheEnd) {
  const Folder folder;
  const auto path = folder.path("out.pcapng");
  auto writer = Writer::open(path, {.application = "trama"});
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->describe(interfaces_of({1})));
  ASSERT_TRUE((*writer)->count(0, {100, 3, 4}));
  ASSERT_TRUE((*writer)->close());
  const Read read = read_bytes(read_file(path));
  EXPECT_EQ(read.interfaces.at(0).dropped, 7U);
  EXPECT_EQ(read.interfaces.at(0).name, "if1");
  EXPECT_NE(read_file(path).find(Made{}.option(4, "trama").bytes), std::string::npos);
}

}  // namespace
}  // namespace trama::tests
