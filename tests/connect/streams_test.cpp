#include "connect/streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

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

TEST(Input, EndsAtEofAndAtErrors) {
  Pipe pipe;
  std::vector<u8> bytes;
  pipe.far.close();
  EXPECT_FALSE((Input{pipe.near.get(), false}.read(bytes, 10)));
  EXPECT_TRUE(bytes.empty());
  EXPECT_FALSE((Input{-1, false}.read(bytes, 10)));
}

TEST(Output, AFullPipeTakesNothingAndKeepsItsFlags) {
  const Pipe pipe;
  Output out{pipe.far.get()};
  const std::vector<u8> block(64 * 1024, 'x');
  std::size_t taken = 0;
  for (int i = 0; i < 100; ++i) taken += out.write(block);
  EXPECT_GE(taken, 4096U);
  EXPECT_EQ(out.write(block), 0U);
  EXPECT_EQ(out.error(), 0);
  EXPECT_EQ(fcntl(pipe.far.get(), F_GETFL) & O_NONBLOCK, 0);  // the shell's file stays as it was
}

TEST(Output, AFullSocketTakesNothing) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd near{ends[0]};
  const Fd far{ends[1]};
  Output out{near.get()};
  const std::vector<u8> block(64 * 1024, 'x');
  for (int i = 0; i < 100; ++i) out.write(block);
  EXPECT_EQ(out.write(block), 0U);
  EXPECT_EQ(out.error(), 0);
}

TEST(Output, ErrorsAreRemembered) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<u8> block(10, 'x');
  Pipe pipe;
  pipe.near.close();
  Output left{pipe.far.get()};
  EXPECT_EQ(left.write(block), 0U);
  EXPECT_EQ(left.error(), EPIPE);
  const Fd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
  Output lost{full.get()};
  EXPECT_EQ(lost.write(block), 0U);
  EXPECT_EQ(lost.error(), ENOSPC);
}

}  // namespace
}  // namespace trama::connect
