#include "connect/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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
  std::array<u8, 100> space{};
  for (const auto part : parts) {
    EXPECT_EQ(write(pipe.far.get(), part.data(), part.size()), static_cast<ssize_t>(part.size()));
    std::size_t count = 0;
    EXPECT_TRUE(input.read(space, count));
    all.append(space.begin(), space.begin() + static_cast<std::ptrdiff_t>(count));
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
  while (input.read_up_to(bytes, 100)) {
    lines.emplace_back(bytes.begin(), bytes.end());
    EXPECT_EQ(input.has_more(), lines.size() < 3);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"a\n", "b\n", "c"}));
}

// Every byte of a full space grows: half of it is read at once.
TEST(Input, GrowsWithinItsSpace) {
  const Pipe pipe;
  Input input{pipe.near.get(), true};
  const std::string lines(60, '\n');
  ASSERT_EQ(write(pipe.far.get(), lines.data(), lines.size()), 60);
  std::array<u8, 100> space{};
  std::size_t count = 0;
  EXPECT_TRUE(input.read(space, count));
  EXPECT_EQ(count, 100U);
  EXPECT_EQ(space[98], '\r');
  EXPECT_TRUE(input.read(space, count));
  EXPECT_EQ(count, 20U);
}

TEST(Input, EndsAtEofAndAtErrors) {
  Pipe pipe;
  std::array<u8, 10> space{};
  std::size_t count = 1;
  pipe.far.close();
  EXPECT_FALSE((Input{pipe.near.get(), false}.read(space, count)));
  EXPECT_EQ(count, 0U);
  EXPECT_FALSE((Input{-1, false}.read(space, count)));
}

TEST(Input, AReadErrorIsToldFromAnEnd) {
  const Fd directory{open("/", O_RDONLY | O_CLOEXEC)};
  Input input{directory.get(), false};
  std::array<u8, 10> space{};
  std::size_t count = 0;
  EXPECT_FALSE(input.read(space, count));
  EXPECT_EQ(input.error(), EISDIR);
  Pipe pipe;
  pipe.far.close();
  Input ended{pipe.near.get(), false};
  EXPECT_FALSE(ended.read(space, count));
  EXPECT_EQ(ended.error(), 0);
}

TEST(Input, KnowsItsEndWithoutReading) {
  const Fd null{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_TRUE(has_ended(null.get()));
  Pipe pipe;
  EXPECT_FALSE(has_ended(pipe.near.get()));
  EXPECT_EQ(write(pipe.far.get(), "x", 1), 1);
  pipe.far.close();
  EXPECT_FALSE(has_ended(pipe.near.get()));  // the byte is to be sent
  char byte = 0;
  EXPECT_EQ(read(pipe.near.get(), &byte, 1), 1);
  EXPECT_TRUE(has_ended(pipe.near.get()));
}

}  // namespace
}  // namespace trama::connect
