#include "net/interest.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"

namespace trama::net {
namespace {

using namespace std::chrono_literals;

TEST(Interest, AHangUpIsToldOnlyWhileSomethingIsWanted) {
  const auto loop = std::move(Loop::make().value());
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd near{ends[0]};
  Fd far{ends[1]};
  int calls = 0;
  Interest interest{*loop, near.get(), [&](u32) { ++calls; }};
  far.close();
  loop->run_once(0ms);
  EXPECT_EQ(calls, 0);
  interest.want(EPOLLIN);
  loop->run_once(0ms);
  EXPECT_EQ(calls, 1);
  interest.want(0);
  loop->run_once(0ms);
  EXPECT_EQ(calls, 1);
}

TEST(Interest, ARegularFileIsAlwaysReady) {
  const auto loop = std::move(Loop::make().value());
  const Fd file{open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  int calls = 0;
  Interest interest{*loop, file.get(), [&](u32 events) {
                      EXPECT_EQ(events, u32{EPOLLIN});
                      if (++calls == 3) interest.want(0);
                    }};
  interest.want(EPOLLIN);
  loop->run();  // ends: nothing is wanted any more
  EXPECT_EQ(calls, 3);
  interest.want(EPOLLIN);
  loop->run_once(1ms);
  EXPECT_EQ(calls, 4);
}

TEST(Interest, ItsEndTakesItOutOfTheLoop) {
  const auto loop = std::move(Loop::make().value());
  const Fd file{open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  {
    Interest{*loop, file.get(), [](u32) { FAIL(); }}.want(EPOLLIN);
  }
  loop->run();
}

}  // namespace
}  // namespace trama::net
