#include "connect/journal.h"

#include <gtest/gtest.h>

#include "kit/program.h"

namespace trama::connect {
namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

TEST(ConnectJournal, HexLinesHaveArrowsAndEachDirectionsOffsets) {
  const tests::Folder folder;
  Journal journal;
  ASSERT_TRUE(journal.open(folder.path("hex"), folder.path("raw")));
  journal.sent(bytes_of("0123456789abcdefg"));
  journal.received(bytes_of("\n\xff"));
  journal.sent(bytes_of("h"));
  ASSERT_TRUE(journal.close());
  EXPECT_EQ(tests::read_file(folder.path("hex")),
            "> 00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
            "> 00000010  67                                                |g|\n"
            "< 00000000  0a ff                                             |..|\n"
            "> 00000011  68                                                |h|\n");
  EXPECT_EQ(tests::read_file(folder.path("raw")), "0123456789abcdefg\n\xffh");
}

TEST(ConnectJournal, AFullDiskIsToldAtTheEnd) {
  Journal journal;
  ASSERT_TRUE(journal.open("", "/dev/full"));
  journal.sent(bytes_of("a"));
  journal.received(bytes_of("b"));
  const auto closed = journal.close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().exit, Exit::lost_output);
  EXPECT_NE(closed.error().sentence.find("/dev/full"), std::string::npos);
  EXPECT_EQ(Journal{}.open("/nowhere/at/all", "").error().exit, Exit::lost_output);
}

TEST(ConnectJournal, NothingIsKeptUnasked) {
  Journal journal;
  ASSERT_TRUE(journal.open("", ""));
  journal.sent(bytes_of("a"));
  EXPECT_TRUE(journal.close());
}

}  // namespace
}  // namespace trama::connect
