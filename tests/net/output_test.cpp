#include "net/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "kit/full_disk.h"

namespace trama::net {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    near = Fd{ends[0]};
    far = Fd{ends[1]};
  }
  Fd near, far;
};

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

TEST(PatientOutput, KeepsWhatTheReaderDoesNotTakeAndWritesItLater) {
  const auto loop = std::move(Loop::make().value());
  Pipe pipe;
  std::string got;
  {
    PatientOutput out{*loop, pipe.far.get()};
    const std::string line(1000, 'x');
    std::size_t lines = 0;
    for (; out.has_room(); ++lines) {
      out.buffer() += line;
      out.flush();
      ASSERT_EQ(out.error(), 0);
    }
    EXPECT_GE(lines * line.size(), PatientOutput::most_kept);
    out.finish(1ms);  // the reader takes nothing: it comes back
    fcntl(pipe.near.get(), F_SETFL, O_NONBLOCK);
    std::vector<char> space(1 << 16);
    while (!out.buffer().empty()) {
      loop->run_once(0ms);
      const ssize_t n = read(pipe.near.get(), space.data(), space.size());
      if (n > 0) got.append(space.data(), static_cast<std::size_t>(n));
    }
    for (ssize_t n = 0; (n = read(pipe.near.get(), space.data(), space.size())) > 0;)
      got.append(space.data(), static_cast<std::size_t>(n));
    EXPECT_EQ(got, std::string(lines * line.size(), 'x'));
    std::signal(SIGPIPE, SIG_IGN);
    pipe.near.close();
    out.buffer() += line;
    out.flush();
    EXPECT_EQ(out.error(), EPIPE);
  }
  loop->run();  // nothing is watched any more
}

TEST(PatientOutput, ALineTornByAFullDiskIsEndedBeforeTheNext) {
  const auto loop = std::move(Loop::make().value());
  const Fd file{memfd_create("lines", MFD_CLOEXEC)};
  ASSERT_TRUE(file.is_open());
  PatientOutput out{*loop, file.get()};
  const auto add = [&](std::string_view line) {
    out.buffer() += line;
    out.flush();
    loop->run_once(0ms);
  };
  {
    const tests::FullDisk disk{8};
    add("whole\ntorn\n");
    add("lost\n");
    add("lost\n");
  }
  add("next\n");
  std::string got(100, '\0');
  got.resize(static_cast<std::size_t>(pread(file.get(), got.data(), got.size(), 0)));
  EXPECT_EQ(got, "whole\nto\nnext\n");
  EXPECT_EQ(out.error(), EFBIG);
}

// A reader that left within a line is not written to in a loop.
TEST(PatientOutput, AFailureLeavesNothingToWaitFor) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto loop = std::move(Loop::make().value());
  Pipe pipe;
  PatientOutput out{*loop, pipe.far.get()};
  out.buffer() += std::string(100'000, 'x') + '\n';
  out.flush();  // a part
  pipe.near.close();
  loop->run();  // ends: nothing is watched any more
  EXPECT_EQ(out.error(), EPIPE);
}

}  // namespace
}  // namespace trama::net
