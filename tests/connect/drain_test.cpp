#include "connect/drain.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "kit/program.h"

namespace trama::connect {
namespace {

struct Ends {
  Fd near, far;
};

Ends sockets() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
  return {Fd{ends[0]}, Fd{ends[1]}};
}

void say(const Ends& ends, std::string_view text) {
  ASSERT_EQ(send(ends.far.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

TEST(Drain, ASocketsBytesReachAFile) {
  const tests::Folder folder;
  const Fd file{open(folder.path("f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  const auto ends = sockets();
  Drain drain{file.get()};
  ASSERT_TRUE(drain.is_open());
  EXPECT_EQ(drain.take(ends.near.get()), -1);
  EXPECT_EQ(errno, EAGAIN);
  say(ends, "one two");
  EXPECT_EQ(drain.take(ends.near.get()), 7);
  EXPECT_EQ(drain.waiting(), 7U);
  EXPECT_EQ(drain.give(), 7);
  EXPECT_EQ(drain.waiting(), 0U);
  EXPECT_EQ(tests::read_file(folder.path("f")), "one two");
}

TEST(Drain, TellsTheEnd) {
  auto ends = sockets();
  const Fd null{open("/dev/null", O_WRONLY | O_CLOEXEC)};
  Drain drain{null.get()};
  ASSERT_TRUE(drain.is_open());
  say(ends, "x");
  ends.far.close();
  EXPECT_EQ(drain.take(ends.near.get()), 1);
  EXPECT_EQ(drain.give(), 1);
  EXPECT_EQ(drain.take(ends.near.get()), 0);
}

TEST(Drain, APipeThatIsFullTakesNothingNow) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const Fd out{pipe[0]};
  const Fd in{pipe[1]};
  const std::string much(std::size_t{4} * 1024 * 1024, 'x');
  ASSERT_GT(write(in.get(), much.data(), much.size()), 0);
  const auto ends = sockets();
  Drain drain{in.get()};
  ASSERT_TRUE(drain.is_open());
  say(ends, "late");
  EXPECT_EQ(drain.take(ends.near.get()), 4);
  EXPECT_EQ(drain.give(), -1);
  EXPECT_EQ(errno, EAGAIN);
  drain.close();
  std::array<u8, 10> space{};
  EXPECT_EQ(drain.read(space), 4);
  EXPECT_EQ(drain.waiting(), 0U);
}

// What is appended to, a socket, a terminal: bytes go there by write(2).
TEST(Drain, OtherOutputsAreNoWay) {
  const tests::Folder folder;
  const Fd appended{
      open(folder.path("f").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  EXPECT_FALSE(Drain{appended.get()}.is_open());
  const Fd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
  EXPECT_FALSE(Drain{full.get()}.is_open());
  EXPECT_FALSE(Drain{sockets().near.get()}.is_open());
  EXPECT_FALSE(Drain{-1}.is_open());
}

}  // namespace
}  // namespace trama::connect
