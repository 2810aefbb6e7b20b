// What filters call values: tshark's longer names where it has them.
#include "packet/filter/value_names.h"

#include <gtest/gtest.h>

#include "packet/filter/filter.h"

namespace trama::filter {
namespace {

TEST(ValueNames, ShortNamesOfTheListAreToldTheirLongOne) {
  const auto filter = Filter::parse("dns.qry.type == AAAA");
  ASSERT_FALSE(filter);
  EXPECT_NE(filter.error().sentence.find("\"AAAA (IPv6 Address)\""), std::string::npos);
  EXPECT_NE(filter.error().sentence.find("28"), std::string::npos);
  EXPECT_FALSE(Filter::parse("dns.qry.type in {\"MX\", 1}"));
}

TEST(ValueNames, WholeNamesAreTaken) {
  for (const char* text :
       {"dns.qry.type == \"AAAA (IPv6 Address)\"", "ip.proto == TCP", "arp.opcode == request",
        "dns.qry.class == IN", "syslog.level == \"err - error conditions\""})
    EXPECT_TRUE(Filter::parse(text)) << text;
}

TEST(ValueNames, SomeFieldsHaveNone) {
  EXPECT_FALSE(Filter::parse("icmp.type == Redirect"));
  EXPECT_TRUE(Filter::parse("icmpv6.type == Redirect"));
}

}  // namespace
}  // namespace trama::filter
