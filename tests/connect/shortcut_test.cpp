#include "connect/shortcut.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/fd.h"
#include "kit/program.h"

namespace trama::connect {
namespace {

// A file, or a pipe's end, that holds the text.
Fd file_with(const tests::Folder& folder, std::string_view text) {
  Fd file{open(folder.path("f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  EXPECT_EQ(write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  lseek(file.get(), 0, SEEK_SET);
  return file;
}

struct Sockets {
  Sockets() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    near = Fd{ends[0]};
    far = Fd{ends[1]};
  }
  [[nodiscard]] std::string got() const {
    std::string text(1000, ' ');
    const ssize_t n = recv(far.get(), text.data(), text.size(), 0);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
  }
  Fd near, far;
};

TEST(Shortcut, AFileGoesFromWhereItStands) {
  const tests::Folder folder;
  const Fd file = file_with(folder, "one two");
  lseek(file.get(), 4, SEEK_SET);
  const Sockets sockets;
  Shortcut shortcut{file.get()};
  ASSERT_TRUE(shortcut.is_open());
  EXPECT_EQ(shortcut.waiting(), 3U);
  EXPECT_EQ(shortcut.move(sockets.near.get()), 3);
  EXPECT_EQ(sockets.got(), "two");
  EXPECT_EQ(shortcut.move(sockets.near.get()), 0);
  EXPECT_EQ(shortcut.waiting(), 0U);
}

TEST(Shortcut, APipeGoesAsItComes) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd from{ends[0]};
  Fd into{ends[1]};
  const Sockets sockets;
  Shortcut shortcut{from.get()};
  ASSERT_TRUE(shortcut.is_open());
  EXPECT_EQ(shortcut.move(sockets.near.get()), -1);
  EXPECT_EQ(errno, EAGAIN);
  ASSERT_EQ(write(into.get(), "abc", 3), 3);
  EXPECT_EQ(shortcut.waiting(), 3U);
  EXPECT_EQ(shortcut.move(sockets.near.get()), 3);
  EXPECT_EQ(sockets.got(), "abc");
  into.close();
  EXPECT_EQ(shortcut.move(sockets.near.get()), 0);
}

TEST(Shortcut, AFullSocketIsNoError) {
  const tests::Folder folder;
  const Fd file = file_with(folder, std::string(8'000'000, 'x'));
  const Sockets sockets;
  Shortcut shortcut{file.get()};
  u64 moved = 0;
  for (ssize_t n = 0; (n = shortcut.move(sockets.near.get())) > 0;) moved += static_cast<u64>(n);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_TRUE(shortcut.is_open());
  EXPECT_EQ(shortcut.waiting(), 8'000'000 - moved);
}

TEST(Shortcut, WhatIsNeitherHasNone) {
  const Fd null{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  EXPECT_FALSE(Shortcut{null.get()}.is_open());
  EXPECT_FALSE(Shortcut{-1}.is_open());
  const Sockets sockets;
  EXPECT_FALSE(Shortcut{sockets.near.get()}.is_open());
}

// sendfile(2) knows no way into a file that is only appended to.
TEST(Shortcut, ClosesWhereTheKernelKnowsNoWay) {
  const tests::Folder folder;
  const Fd file = file_with(folder, "text");
  const Fd log{open(folder.path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  Shortcut shortcut{file.get()};
  EXPECT_EQ(shortcut.move(log.get()), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_FALSE(shortcut.is_open());
}

}  // namespace
}  // namespace trama::connect
