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

TEST(Writer, WhatComesAfterItsSectionIsLeftOut) {
  const Folder folder;
  const auto path = folder.path("out");
  auto interfaces = interfaces_of({1, 113});
  interfaces[0].section = 1;
  interfaces[1].section = 2;
  source::Aside late;
  late.type = 0x777;
  late.section = 1;
  late.body = {'l', 'a', 't', 'e'};
  auto writer = Writer::open(path, {.application = "", .sections = true});
  ASSERT_TRUE((*writer)->write(packet_of("one", 1, 0), interfaces));
  ASSERT_TRUE((*writer)->write(packet_of("two", 2, 1), interfaces));
  ASSERT_TRUE((*writer)->write(late, interfaces));
  ASSERT_TRUE((*writer)->write(packet_of("three", 3, 1), interfaces));
  ASSERT_TRUE((*writer)->close());
  const Read read = read_bytes(read_file(path));
  EXPECT_EQ(read.trouble, "");
  EXPECT_EQ(read.packets.size(), 3U);
  EXPECT_EQ(read_file(path).find("late"), std::string::npos);
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
