#include "packet/flow/numbers.h"

#include <gtest/gtest.h>

namespace trama::flow {
namespace {

Endpoint at(std::string_view address, u16 port) { return {*parse_address(address), port}; }

Ends between(const Endpoint& from, const Endpoint& to) { return {from, to, false}; }

TEST(Numbers, TheSenderCountsBeforeTheReceiver) {
  Numbers numbers;
  const auto here = at("10.0.0.1", 6000);
  const auto there = at("10.0.0.2", 7000);
  const auto stranger = at("10.0.0.3", 9);
  EXPECT_EQ(numbers.find(between(here, there)), nullptr);
  numbers.announce(here, 1);
  Number* first = numbers.find(between(there, here));
  ASSERT_NE(first, nullptr);
  first->stream = 7;
  numbers.announce(there, 2);
  EXPECT_FALSE(numbers.find(between(there, here))->stream);
  EXPECT_EQ(numbers.find(between(here, there))->stream, 7U);
  EXPECT_EQ(numbers.find(between(stranger, here))->stream, 7U);
  EXPECT_EQ(numbers.find(between(stranger, at("10.0.0.1", 6001))), nullptr);
}

TEST(Numbers, AnotherPacketAnnouncesAnew) {
  Numbers numbers;
  const auto here = at("2001:db8::1", 6000);
  numbers.announce(here, 1);
  numbers.find(between(here, here))->stream = 3;
  numbers.announce(here, 1);
  EXPECT_EQ(numbers.find(between(here, here))->stream, 3U);
  numbers.announce(here, 2);
  EXPECT_FALSE(numbers.find(between(here, here))->stream);
}

TEST(Numbers, TheOldestGivesWay) {
  Numbers numbers;
  const auto end = [](std::size_t i) { return at("10.0.0.1", static_cast<u16>(i)); };
  for (std::size_t i = 0; i <= Numbers::most; ++i) numbers.announce(end(i), i);
  EXPECT_EQ(numbers.find(between(end(0), end(0))), nullptr);
  EXPECT_NE(numbers.find(between(end(1), end(1))), nullptr);
}

}  // namespace
}  // namespace trama::flow
