#include "serve/log_file.h"

#include <gtest/gtest.h>

#include "kit/full_disk.h"
#include "kit/program.h"

namespace trama::serve {
namespace {

TEST(LogFile, ALineTornByAFullDiskIsEndedBeforeTheNext) {
  const tests::Folder folder;
  std::vector<std::string> told;
  const auto file = std::move(LogFile::open(folder.path("log"), [&](std::string sentence) {
                                told.push_back(std::move(sentence));
                              }).value());
  const auto add = [&](std::string_view line) {
    file->buffer() += line;
    file->flush();
  };
  {
    const tests::FullDisk disk{8};
    add("whole\ntorn\n");
    add("lost\n");
    add("lost\n");
  }
  add("next\n");
  EXPECT_EQ(tests::read_file(folder.path("log")), "whole\nto\nnext\n");
  EXPECT_EQ(told.size(), 1U);
  EXPECT_EQ(file->error(), EFBIG);
}

TEST(LogFile, WhereOnlyWholeLinesWereTakenThereIsNoEmptyOne) {
  const tests::Folder folder;
  const auto file = std::move(LogFile::open(folder.path("log"), [](const auto&) {}).value());
  {
    const tests::FullDisk disk{6};
    file->buffer() += "whole\nlost\n";
    file->flush();
  }
  file->buffer() += "next\n";
  file->flush();
  EXPECT_EQ(tests::read_file(folder.path("log")), "whole\nnext\n");
}

}  // namespace
}  // namespace trama::serve
