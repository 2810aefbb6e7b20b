#include "connect/command.h"

#include <gtest/gtest.h>

namespace trama::connect {
namespace {

using Words = std::vector<std::string>;

TEST(Command, SplitsAsAShellDoes) {
  EXPECT_EQ(split_words("/bin/cat"), (Words{"/bin/cat"}));
  EXPECT_EQ(split_words("  a  b\tc "), (Words{"a", "b", "c"}));
  EXPECT_EQ(split_words("grep 'a b' \"c d\" e\\ f"), (Words{"grep", "a b", "c d", "e f"}));
  EXPECT_EQ(split_words(R"('a\b' "c\"d")"), (Words{"a\\b", "c\"d"}));
  EXPECT_EQ(split_words("x''y \"\""), (Words{"xy", ""}));
}

TEST(Command, TakesWhatIsNotFinished) {
  EXPECT_EQ(split_words(""), Words{});
  EXPECT_EQ(split_words("'open"), (Words{"open"}));
  EXPECT_EQ(split_words("end\\"), (Words{"end\\"}));
}

}  // namespace
}  // namespace trama::connect
