// Several files as one, in the order of their times.
#include <fstream>

#include "packet/source/capture_bytes.h"

namespace trama::tests {
namespace {

std::unique_ptr<source::Source> merged_of(const std::vector<std::string>& files) {
  std::vector<std::unique_ptr<source::Source>> opened;
  for (const std::string& file : files) {
    auto one = source::open_stream(source::stream_of(bytes_of(file)),
                                   fmt::format("file{}", opened.size()), 64);
    EXPECT_TRUE(one);
    opened.push_back(std::move(*one));
  }
  return std::move(*source::merged(std::move(opened)));
}

std::string data_of(const Read& read) {
  std::string all;
  for (const Got& packet : read.packets) all += packet.data + ' ';
  return all;
}

TEST(Merged, PacketsComeInTheOrderOfTheirTimes) {
  const auto one = Made{}.pcap().record(1, 0, "a1").record(3, 0, "a3").record(5, 0, "a5").bytes;
  const auto two = Made{true}.pcap().record(2, 0, "b2").record(3, 0, "b3").record(4, 0, "b4").bytes;
  const Read read = drain(*merged_of({one, two}));
  EXPECT_EQ(data_of(read), "a1 b2 a3 b3 b4 a5 ");  // of equal times the first file's comes first
  EXPECT_EQ(read.interfaces.size(), 1U);           // they are alike
  EXPECT_EQ(data_of(drain(*merged_of({two, one}))), "a1 b2 b3 a3 b4 a5 ");
}

TEST(Merged, WithinAFileNothingChangesPlaces) {
  const auto back = Made{}.pcap().record(9, 0, "a9").record(1, 0, "a1").bytes;
  const auto two = Made{}.pcap().record(2, 0, "b2").record(3, 0, "b3").bytes;
  EXPECT_EQ(data_of(drain(*merged_of({back, two}))), "b2 b3 a9 a1 ");
}

TEST(Merged, ManyPacketsOfManyFiles) {
  std::vector<std::string> files;
  for (unsigned i = 0; i < 40; ++i) {
    Made file = Made{}.pcap();
    for (unsigned k = 0; k < 200; ++k) file.record(k, i, std::string(k % 50, static_cast<char>(i)));
    files.push_back(file.bytes);
  }
  const Read read = drain(*merged_of(files));
  ASSERT_EQ(read.packets.size(), 8000U);
  for (std::size_t i = 1; i < read.packets.size(); ++i)
    EXPECT_LT(read.packets[i - 1].time, read.packets[i].time);
}

TEST(Merged, InterfacesThatDifferStayApart) {
  const auto one = Made{}.shb().idb(1, 0, Made{}.option(2, "eth0").bytes).epb(0, 1, "a").bytes;
  const auto two =
      Made{}.shb().idb(1, 0, Made{}.option(2, "eth1").bytes).idb(113).epb(1, 2, "b").bytes;
  const Read read = drain(*merged_of({one, two, one}));
  ASSERT_EQ(read.interfaces.size(), 3U);
  for (u32 i = 0; i < 3; ++i) {
    EXPECT_EQ(read.interfaces[i].id, i);
    EXPECT_EQ(read.interfaces[i].section, 1U);
  }
  EXPECT_EQ(data_of(read), "a a b ");
  EXPECT_EQ(read.packets[2].interface, 2);
}

TEST(Merged, ADamagedFileIsToldAndTheOthersAreRead) {
  const auto good = Made{}.pcap().record(1, 0, "a1").record(5, 0, "a5").bytes;
  const auto cut = Made{}.pcap().record(2, 0, "b2").record(3, 0, "b3").bytes;
  const Read read = drain(*merged_of({good, cut.substr(0, cut.size() - 1), cut.substr(0, 50)}));
  EXPECT_EQ(data_of(read), "a1 b2 b2 a5 ");
  expect_says(read.trouble, "file1: reading ended at byte");
  expect_says(read.trouble, "\nfile2: reading ended at byte");
}

TEST(Merged, WhatStandsBesideThePacketsComesToo) {
  const auto one =
      Made{}.shb().idb().epb(0, 5, "a").block(10, Made{}.n32(1).n32(4).text("keys").bytes).bytes;
  const auto two = Made{}.shb().idb(113).epb(0, 1, "b").block(5, Made{}.n32(0).n64(0).bytes).bytes;
  const auto both = merged_of({one, two});
  both->keep_asides();
  Batch batch;
  while (both->next(batch)) {
  }
  ASSERT_EQ(both->asides().size(), 2U);
  for (const source::Aside& aside : both->asides())
    if (aside.type == 5) {
      EXPECT_EQ(both->interfaces().at(aside.interface).link_type, 113);
    }
}

TEST(Merged, FilesThatCannotBeOpenedAreTold) {
  const Folder folder;
  const auto good = folder.path("good");
  std::ofstream{good, std::ios::binary} << Made{}.pcap().record(1, 0, "a1").bytes;
  auto opened = source::open_files({folder.path("none"), good, folder.path("neither")});
  ASSERT_TRUE(opened);
  const Read read = drain(**opened);
  EXPECT_EQ(data_of(read), "a1 ");
  expect_says(read.trouble, "none: ");
  expect_says(read.trouble, "neither: ");
  EXPECT_FALSE(source::open_files({folder.path("none"), folder.path("neither")}));
}

}  // namespace
}  // namespace trama::tests
