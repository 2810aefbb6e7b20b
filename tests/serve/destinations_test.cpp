#include "serve/destinations.h"

#include <gtest/gtest.h>

namespace trama::serve {
namespace {

Destinations made(std::initializer_list<const char*> rules) {
  Destinations all;
  for (const auto* rule : rules) EXPECT_TRUE(all.add(rule)) << rule;
  return all;
}

bool allows(const Destinations& all, std::string_view address, u16 port,
            std::string_view name = {}) {
  return all.allows({.address = *parse_address(address), .port = port}, name);
}

TEST(Destinations, BlocksAndPortsHaveToAgree) {
  const auto all = made({"10.0.0.0/8:80,8000-8010", "[2001:db8::]/32:443", "192.0.2.1:*"});
  EXPECT_TRUE(allows(all, "10.1.2.3", 80));
  EXPECT_TRUE(allows(all, "10.1.2.3", 8005));
  EXPECT_TRUE(allows(all, "::ffff:10.1.2.3", 80));
  EXPECT_FALSE(allows(all, "10.1.2.3", 443));
  EXPECT_FALSE(allows(all, "11.1.2.3", 80));
  EXPECT_TRUE(allows(all, "2001:db8::1", 443));
  EXPECT_FALSE(allows(all, "2001:db9::1", 443));
  EXPECT_TRUE(allows(all, "192.0.2.1", 1));
  EXPECT_FALSE(allows({}, "10.0.0.1", 80));
}

TEST(Destinations, ANameCountsOnlyWhereItWasLookedUp) {
  const auto all = made({"Example.com:443", "localhost:80"});
  EXPECT_TRUE(all.may_allow("EXAMPLE.com.", 443));
  EXPECT_FALSE(all.may_allow("example.com", 80));
  EXPECT_FALSE(all.may_allow("evil.example.com", 443));
  EXPECT_TRUE(allows(all, "192.0.2.1", 443, "example.com"));
  EXPECT_FALSE(allows(all, "192.0.2.1", 443));
  EXPECT_FALSE(allows(all, "192.0.2.1", 443, "example.org"));
  EXPECT_TRUE(allows(all, "127.0.0.1", 80, "localhost"));
}

TEST(Destinations, NameServersCannotLeadANameToThisMachine) {
  const auto all = made({"example.com:443"});
  for (const auto* address :
       {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "169.254.169.254",
        "fe80::1", "224.0.0.1", "255.255.255.255", "ff02::1"})
    EXPECT_FALSE(allows(all, address, 443, "example.com")) << address;
  EXPECT_TRUE(allows(made({"127.0.0.0/8:443"}), "127.0.0.1", 443, "example.com"));
}

TEST(Destinations, ANameOfAForbiddenAddressIsForbidden) {
  const auto all = made({"192.0.2.0/24:80"});
  EXPECT_TRUE(all.may_allow("anything", 80));  // only the lookup can tell
  EXPECT_FALSE(allows(all, "198.51.100.1", 80, "anything"));
}

TEST(Destinations, AStarIsAnyAddress) {
  const auto all = made({"*:443"});
  EXPECT_TRUE(allows(all, "192.0.2.1", 443));
  EXPECT_TRUE(allows(all, "::1", 443, "x"));
  EXPECT_FALSE(allows(all, "192.0.2.1", 80));
}

TEST(Destinations, WhatIsNoRuleIsSaid) {
  for (const auto* rule : {"", "10.0.0.0/8", "10.0.0.0/8:", "10.0.0.0/8:80,", "10.0.0.0/8:90-80",
                           ":80", "10.0.0.0/33:80", "1.2.3:80", "a b:80", "host:x", "host:65536",
                           "::1:80", "2001:db8::/32:80", "[::1]", "*"}) {
    Destinations all;
    const auto added = all.add(rule);
    ASSERT_FALSE(added) << rule;
    EXPECT_EQ(added.error().exit, Exit::bad_input);
  }
}

}  // namespace
}  // namespace trama::serve
