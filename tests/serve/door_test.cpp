#include "serve/door.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

Address at(std::string_view text) { return *parse_address(text); }
Rule allow(std::string_view block) { return {true, *parse_cidr(block)}; }
Rule deny(std::string_view block) { return {false, *parse_cidr(block)}; }

bool enters(const std::vector<Rule>& rules, std::string_view address) {
  Door door{{.rules = rules}};
  return !door.enter(at(address), 0);
}

TEST(Door, TheFirstRuleThatHasTheAddressDecides) {
  EXPECT_TRUE(enters({}, "10.0.0.1"));
  EXPECT_FALSE(enters({deny("10.0.0.0/8")}, "10.0.0.1"));
  EXPECT_TRUE(enters({deny("10.0.0.0/8")}, "11.0.0.1"));
  EXPECT_TRUE(enters({allow("10.0.0.1"), deny("10.0.0.0/8")}, "10.0.0.1"));
  EXPECT_FALSE(enters({allow("10.0.0.1"), deny("10.0.0.0/8")}, "10.0.0.2"));
  EXPECT_FALSE(enters({deny("10.0.0.0/8"), allow("10.0.0.1")}, "10.0.0.1"));
  EXPECT_FALSE(enters({deny("::1")}, "::1"));
}

TEST(Door, AListWithAnAllowKeepsOutWhomItDoesNotName) {
  EXPECT_TRUE(enters({allow("10.0.0.0/8")}, "10.1.2.3"));
  EXPECT_FALSE(enters({allow("10.0.0.0/8")}, "192.0.2.1"));
  EXPECT_FALSE(enters({allow("10.0.0.0/8")}, "::1"));
}

TEST(Door, CountsConnectionsInAllAndOfOneAddress) {
  Door door{
      {.clients = 3, .per_peer = 2}
  };
  EXPECT_FALSE(door.enter(at("10.0.0.1"), 0));
  EXPECT_FALSE(door.enter(at("10.0.0.1"), 1));
  EXPECT_EQ(door.enter(at("10.0.0.1"), 2), Refusal::peer_full);
  EXPECT_FALSE(door.enter(at("10.0.0.2"), 2));
  EXPECT_EQ(door.enter(at("10.0.0.3"), 3), Refusal::full);
  door.leave(at("10.0.0.1"));
  EXPECT_FALSE(door.enter(at("10.0.0.1"), 2));
}

TEST(Door, ManyMadeUpAddressesCostBoundedMemoryAndShareOneAllowance) {
  Door door{{.rate = 1000}};
  Address made_up = at("10.0.0.0");
  unsigned refused = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    made_up.bytes[1] = static_cast<u8>(i >> 16U);
    made_up.bytes[2] = static_cast<u8>(i >> 8U);
    made_up.bytes[3] = static_cast<u8>(i);
    if (door.take(made_up, 900)) ++refused;
  }
  EXPECT_GT(refused, 3000U);  // 20,000 - 16 Ki are the crowd
  EXPECT_LT(refused, 3700U);
}

TEST(Allowance, GivesOneSecondsWorthAtOnceThenSoManyASecond) {
  const auto start = Allowance::Clock::now();
  Allowance allowance{1000, start};
  EXPECT_EQ(allowance.now(start), 1000U);
  allowance.take(1000);
  EXPECT_EQ(allowance.now(start), 0U);
  EXPECT_EQ(allowance.now(start + 49ms), 0U);  // less than a step
  EXPECT_GT(allowance.wait(), 0ns);
  EXPECT_EQ(allowance.now(start + 100ms), 100U);
  EXPECT_EQ(allowance.now(start + 10s), 1000U);
  EXPECT_TRUE(allowance.is_full());
}

}  // namespace
}  // namespace trama::serve
