#include "load/plan.h"

#include <gtest/gtest.h>

namespace trama::load {
namespace {

TEST(Plan, KnowsPrivateAddresses) {
  for (const char* text :
       {"127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.7.7", "::1", "fd12::1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0", "::"})
    EXPECT_TRUE(is_private(*parse_address(text))) << text;
}

TEST(Plan, KnowsPublicAddresses) {
  for (const char* text : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1",
                           "2001:db8::1", "::ffff:8.8.8.8", "100.64.0.1", "224.0.0.1"})
    EXPECT_FALSE(is_private(*parse_address(text))) << text;
}

}  // namespace
}  // namespace trama::load
