// The names of exported files: safe, and told apart by numbers.
#include "packet/stats/objects.h"

#include <gtest/gtest.h>

namespace trama::stats {
namespace {

TEST(ObjectName, StaysInItsDirectory) {
  EXPECT_EQ(object_name("/", 0), "%2f");
  EXPECT_EQ(object_name("..", 0), "%2e.");
  EXPECT_EQ(object_name(".", 0), "%2e");
  EXPECT_EQ(object_name("a/../b", 0), "a%2f..%2fb");
  EXPECT_EQ(object_name("a\\b:c|d*\"<>?", 0), "a%5cb%3ac%7cd%2a%22%3c%3e%3f");
  EXPECT_EQ(object_name(std::string_view{"a\0b\n", 4}, 0), "a%00b%0a");
}

TEST(ObjectName, TellsFilesOfOneNameApart) {
  EXPECT_EQ(object_name("page.html", 0), "page.html");
  EXPECT_EQ(object_name("page.html", 1), "page(1).html");
  EXPECT_EQ(object_name("ru", 12), "ru(12)");
}

TEST(ObjectName, FitsAFileSystem) {
  const std::string longest(1000, 'a');
  EXPECT_EQ(object_name(longest, 7).size(), 255U);
  EXPECT_TRUE(object_name(longest + ".html", 7).ends_with("(7).html"));
  EXPECT_EQ(object_name("a." + longest, 7).size(), 1U + 3U + 127U);
}

TEST(Objects, TakeHttpAndADirectory) {
  for (const auto* text : {"", "http", "http,", "smb,/tmp", "/tmp"}) {
    const auto opened = Objects::open(text);
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().exit, Exit::bad_input) << text;
  }
  const auto opened = Objects::open("http,/proc/nowhere/at all");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit, Exit::lost_output);
}

}  // namespace
}  // namespace trama::stats
