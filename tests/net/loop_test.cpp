#include "net/loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "kit/program.h"

namespace trama::net {
namespace {

using namespace std::chrono_literals;

std::pair<Fd, Fd> pair() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  return {Fd{ends[0]}, Fd{ends[1]}};
}

std::unique_ptr<Loop> made() { return std::move(Loop::make().value()); }

void put(const Fd& fd) { ASSERT_EQ(write(fd.get(), "x", 1), 1); }

TEST(Loop, CallsWhenReadyAndAgainWhileItHolds) {
  const auto loop = made();
  const auto [near, far] = pair();
  unsigned calls = 0;
  ASSERT_TRUE(loop->watch(near.get(), EPOLLIN, [&](u32 events) {
    EXPECT_TRUE((events & EPOLLIN) != 0);
    if (++calls == 3) loop->stop();
  }));
  put(far);
  loop->run();
  EXPECT_EQ(calls, 3U);
}

TEST(Loop, ChangedToNothingTellsOnlyHangups) {
  const auto loop = made();
  auto [near, far] = pair();
  u32 seen = 0;
  ASSERT_TRUE(loop->watch(near.get(), EPOLLIN, [&](u32 events) { seen |= events; }));
  loop->change(near.get(), 0);
  put(far);
  loop->run_once(0ms);
  EXPECT_EQ(seen, 0U);
  far.close();
  loop->run_once(0ms);
  EXPECT_TRUE((seen & EPOLLHUP) != 0);
}

TEST(Loop, ARegularFileIsRefusedWithEperm) {
  const auto loop = made();
  const Fd file{open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  const auto watched = loop->watch(file.get(), EPOLLIN, [](u32) {});
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().number, EPERM);
}

TEST(Loop, ForgettingAnUnwatchedDescriptorIsNothing) {
  const auto loop = made();
  loop->forget(0);
  loop->forget(12'345);
  loop->change(12'345, EPOLLIN);
}

TEST(Loop, ACallbackMayForgetItselfAndOthersOfTheSameRound) {
  const auto loop = made();
  const auto ends_a = pair();
  const auto ends_b = pair();
  const Fd& a = ends_a.first;
  const Fd& b = ends_b.first;
  unsigned calls = 0;
  const auto end_both = [&, payload = std::string(100, 'x')](u32) {
    loop->forget(a.get());
    loop->forget(b.get());
    calls += static_cast<unsigned>(payload.size());  // still there: the callback outlives its watch
  };
  ASSERT_TRUE(loop->watch(a.get(), EPOLLIN, end_both));
  ASSERT_TRUE(loop->watch(b.get(), EPOLLIN, end_both));
  put(ends_a.second);
  put(ends_b.second);
  loop->run();  // ends by itself: nothing is watched
  EXPECT_EQ(calls, 100U);
}

// Two descriptors are ready in one round; the first callback closes the other one and watches a new
// descriptor that gets its number. The closed one's event must not reach the new one.
TEST(Loop, AnEventOfAClosedDescriptorNeverReachesItsSuccessor) {
  const auto loop = made();
  auto first = pair();
  auto second = pair();
  Fd* const fds[] = {&first.first, &second.first};
  int successor_calls = 0;
  int calls = 0;
  std::pair<Fd, Fd> later;
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(loop->watch(fds[i]->get(), EPOLLIN, [&, i](u32) {
      ++calls;
      Fd& other = *fds[1 - i];
      const int number = other.get();
      loop->forget(number);
      other.close();
      later = pair();
      ASSERT_EQ(later.first.get(), number);
      ASSERT_TRUE(loop->watch(number, EPOLLIN, [&](u32) { ++successor_calls; }));
      loop->forget(fds[i]->get());
    }));
  put(first.second);
  put(second.second);
  loop->run_once(0ms);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(successor_calls, 0);
  put(later.second);
  loop->run_once(0ms);
  EXPECT_EQ(successor_calls, 1);
}

TEST(Loop, TimersFireInTheirOrderAndNotBeforeTheirTime) {
  const auto loop = made();
  std::string order;
  const auto start = Loop::Clock::now();
  loop->after(20ms, [&] { EXPECT_GE(Loop::Clock::now() - start, 20ms); });
  loop->after(1ms, [&] { order += 'a'; });
  loop->after(1ms, [&] {
    order += 'b';
    loop->after(0ms, [&] { order += '+'; });
  });
  loop->run();
  EXPECT_EQ(order, "ab+");
}

TEST(Loop, ACancelledTimerNeverFiresAndDoesNotKeepTheLoop) {
  const auto loop = made();
  bool fired = false;
  const auto late = loop->after(1h, [&] { fired = true; });
  const auto same_round = loop->after(1ms, [&] { fired = true; });
  loop->after(0ms, [&] {
    loop->cancel(late);
    loop->cancel(same_round);
    loop->cancel(same_round);
    loop->cancel(9999);
  });
  loop->run();
  EXPECT_FALSE(fired);
}

TEST(Loop, ATimerThatStartsItselfLeavesRoomForDescriptors) {
  const auto loop = made();
  const auto [near, far] = pair();
  std::function<void()> again = [&] { loop->after(0ms, again); };
  again();
  ASSERT_TRUE(loop->watch(near.get(), EPOLLIN, [&](u32) { loop->stop(); }));
  put(far);
  loop->run();
}

TEST(Loop, TellsSignals) {
  const auto loop = made();
  int seen = 0;
  ASSERT_TRUE(loop->on_signals({SIGUSR1, SIGUSR2}, [&](int number) {
    seen = number;
    loop->stop();
  }));
  loop->run();  // nothing but signals is watched: it does not wait for one
  EXPECT_EQ(seen, 0);
  loop->after(1h, [] {});
  kill(getpid(), SIGUSR2);
  loop->run();
  EXPECT_EQ(seen, SIGUSR2);
}

}  // namespace
}  // namespace trama::net
