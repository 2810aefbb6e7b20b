#include "scan/schedule.h"

#include <gtest/gtest.h>

#include <numeric>

namespace trama::scan {
namespace {

using namespace std::chrono_literals;

std::vector<u16> some_ports(u16 count) {
  std::vector<u16> ports(count);
  std::iota(ports.begin(), ports.end(), u16{1});
  return ports;
}

const Clock::time_point start = Clock::now();

TEST(Schedule, ProbesEachPortOnceWhereAllAnswer) {
  Schedule schedule{some_ports(1000), pace_of(3), true};
  std::vector<bool> seen(1001);
  while (schedule.left() > 0) {
    const auto slot = schedule.next(start);
    ASSERT_TRUE(slot);
    EXPECT_FALSE(seen[schedule.slot(*slot).port]);
    seen[schedule.slot(*slot).port] = true;
    schedule.answered(*slot, start + 1ms);
  }
  EXPECT_FALSE(schedule.next(start));
  EXPECT_EQ(schedule.in_flight(), 0U);
}

TEST(Schedule, KeepsToTheWindowAndWidensItWithAnswers) {
  Schedule schedule{some_ports(1000), pace_of(3), false};
  std::vector<std::size_t> sent;
  while (const auto slot = schedule.next(start)) sent.push_back(*slot);
  EXPECT_EQ(sent.size(), 100U);
  for (const auto slot : sent) schedule.answered(slot, start + 1ms);
  sent.clear();
  while (const auto slot = schedule.next(start)) sent.push_back(*slot);
  EXPECT_EQ(sent.size(), 200U);
}

TEST(Schedule, TriesASilentPortTwiceAndOnceMoreAfterALoss) {
  Schedule schedule{some_ports(3), pace_of(3), false};
  std::vector<Schedule::Expired> expired;
  auto now = start;
  while (schedule.next(now)) {
  }
  schedule.expire(now + 999ms, expired);
  EXPECT_TRUE(expired.empty());
  schedule.expire(now += 1s, expired);
  ASSERT_EQ(expired.size(), 3U);
  EXPECT_FALSE(expired[0].final);
  while (schedule.next(now)) {
  }
  schedule.answered(0, now + 1ms);  // its second try: the first was lost
  expired.clear();
  schedule.expire(now += 1s, expired);
  ASSERT_EQ(expired.size(), 2U);
  EXPECT_FALSE(expired[0].final);  // so the others get a third
  while (schedule.next(now)) {
  }
  expired.clear();
  schedule.expire(now += 1s, expired);
  ASSERT_EQ(expired.size(), 2U);
  EXPECT_TRUE(expired[0].final);
  EXPECT_EQ(schedule.left(), 0U);
}

TEST(Schedule, LearnsTheTimeOutFromRoundTrips) {
  Schedule schedule{some_ports(100), pace_of(3), false};
  for (int i = 0; i < 50; ++i) schedule.answered(*schedule.next(start), start + 60ms);
  EXPECT_GE(schedule.timeout(), 100ms);
  EXPECT_LT(schedule.timeout(), 200ms);
}

TEST(Schedule, TakesALateAnswer) {
  Schedule schedule{some_ports(1), pace_of(3), false};
  schedule.next(start);
  std::vector<Schedule::Expired> expired;
  schedule.expire(start + 2s, expired);
  schedule.answered(0, start + 2s);
  EXPECT_EQ(schedule.left(), 0U);
  EXPECT_FALSE(schedule.next(start + 2s));
}

TEST(Schedule, KeepsTheRate) {
  Pace pace = pace_of(3);
  pace.gap = 10ms;
  Schedule schedule{some_ports(100), pace, false};
  unsigned sent = 0;
  for (auto now = start; now < start + 200ms; now += 1ms)
    if (schedule.next(now)) ++sent;
  EXPECT_GE(sent, 18U);
  EXPECT_LE(sent, 31U);  // a small burst makes up for late wake-ups
}

TEST(Schedule, LosesNoPortThatIsGivenBack) {
  Schedule schedule{some_ports(5), pace_of(3), false};
  for (int i = 0; i < 20; ++i) schedule.give_back(*schedule.next(start));
  EXPECT_EQ(schedule.in_flight(), 0U);
  unsigned sent = 0;
  while (const auto slot = schedule.next(start)) {
    EXPECT_EQ(schedule.slot(*slot).tries, 1U);
    ++sent;
  }
  EXPECT_EQ(sent, 5U);
}

}  // namespace
}  // namespace trama::scan
