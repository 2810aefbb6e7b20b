#include "serve/programs.h"

#include <gtest/gtest.h>

namespace trama::serve {
namespace {

using Words = std::vector<std::string>;

TEST(Programs, WordsAreSplitAsAShellSplitsThem) {
  EXPECT_EQ(*split_words("/bin/cat"), (Words{"/bin/cat"}));
  EXPECT_EQ(*split_words("  cat\t-A  x "), (Words{"cat", "-A", "x"}));
  EXPECT_EQ(*split_words("a 'b c' \"d 'e'\" '' f'g'h"), (Words{"a", "b c", "d 'e'", "", "fgh"}));
  EXPECT_EQ(*split_words(R"(a\ b "c\"d" 'e\f' \\)"), (Words{"a b", "c\"d", "e\\f", "\\"}));
  EXPECT_EQ(*split_words("echo $HOME;ls"), (Words{"echo", "$HOME;ls"}));
}

TEST(Programs, WhatIsNoCommandIsSaid) {
  for (const auto* line : {"", "  ", "a 'b", "a \"b", "a\\", "''", "'a\\"}) {
    const auto words = split_words(line);
    ASSERT_FALSE(words) << line;
    EXPECT_EQ(words.error().exit, Exit::bad_input);
    EXPECT_FALSE(words.error().sentence.empty());
  }
}

TEST(Programs, AreFoundInPath) {
  EXPECT_TRUE(find_program("sh")->ends_with("/sh"));
  EXPECT_EQ(*find_program("/bin/sh"), "/bin/sh");
  EXPECT_FALSE(find_program("no-such-program"));
  EXPECT_FALSE(find_program("/no/such/program"));
}

}  // namespace
}  // namespace trama::serve
