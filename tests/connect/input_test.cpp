#include "connect/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "base/fd.h"

namespace trama::connect {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    near = Fd{ends[0]};
    far = Fd{ends[1]};
  }
  Fd near, far;
};

std::string read_with_crlf(std::initializer_list<std::string_view> parts) {
  const Pipe pipe;
  Input input{pipe.near.get(), true};
  std::string all;
  std::vector<u8> bytes;
  for (const auto part : parts) {
    EXPECT_EQ(write(pipe.far.get(), part.data(), part.size()), static_cast<ssize_t>(part.size()));
    EXPECT_TRUE(input.read(bytes, 100));
    all.append(bytes.begin(), bytes.end());
  }
  return all;
}

TEST(Input, LineEndsBecomeCrLfOnce) {
  EXPECT_EQ(read_with_crlf({"a\nb\n\n"}), "a\r\nb\r\n\r\n");
  EXPECT_EQ(read_with_crlf({"a\r\nb"}), "a\r\nb");
  EXPECT_EQ(read_with_crlf({"a\r", "\nb", "\n"}), "a\r\nb\r\n");
}

TEST(Input, GivesALineAtATimeWhereAsked) {
  Pipe pipe;
  EXPECT_EQ(write(pipe.far.get(), "a\nb\nc", 5), 5);
  pipe.far.close();
  Input input{pipe.near.get(), false, true};
  std::vector<u8> bytes;
  std::vector<std::string> lines;
  while (input.read(bytes, 100)) {
    lines.emplace_back(bytes.begin(), bytes.end());
    EXPECT_EQ(input.has_more(), lines.size() < 3);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"a\n", "b\n", "c"}));
}

TEST(Input, EndsAtEofAndAtErrors) {
  Pipe pipe;
  std::vector<u8> bytes;
  pipe.far.close();
  EXPECT_FALSE((Input{pipe.near.get(), false}.read(bytes, 10)));
  EXPECT_TRUE(bytes.empty());
  EXPECT_FALSE((Input{-1, false}.read(bytes, 10)));
}

}  // namespace
}  // namespace trama::connect
