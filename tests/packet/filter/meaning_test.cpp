// A filter in words, and the mistakes that are told.
#include "packet/filter/meaning.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "packet/filter/colour_rules.h"
#include "packet/filter/parser.h"

namespace trama::filter {
namespace {

Meanings told(std::string_view text) {
  const auto node = parse_text(text);
  EXPECT_TRUE(node && node->has_value()) << text;
  return meanings_of(**node, text);
}

bool warns(std::string_view text, std::string_view kind) {
  const auto warnings = told(text).warnings;
  return std::any_of(warnings.begin(), warnings.end(),
                     [&](const Warning& warning) { return warning.kind == kind; });
}

TEST(Meaning, TellsPartByPart) {
  const auto parts = told("tcp.port == 80 and (ip.ttl < 5 or not udp)").parts;
  ASSERT_EQ(parts.size(), 6U);
  EXPECT_EQ(parts[0].says, "all of these:");
  EXPECT_EQ(parts[1].says, "one of tcp.port (sender's port; receiver's port) is 80");
  EXPECT_EQ(parts[3].depth, 2U);
  EXPECT_NE(parts[3].says.find("is less than 5"), std::string::npos);
  EXPECT_EQ(parts[5].says, "the packet has User Datagram Protocol");
}

TEST(Meaning, WarnsOfClassicMistakes) {
  EXPECT_TRUE(warns("tcp.port != 80", "differs"));
  EXPECT_TRUE(warns("ip.addr !== 10.0.0.1", "differs"));
  EXPECT_FALSE(warns("ip.ttl != 80", "differs"));
  EXPECT_TRUE(warns("ip.ttl != 80", "absent"));
  EXPECT_TRUE(warns("not ip.ttl == 80", "absent"));
  EXPECT_TRUE(warns("tcp.flags.syn", "exists"));
  EXPECT_FALSE(warns("tcp.flags.syn == 1", "exists"));
  EXPECT_FALSE(warns("tcp", "exists"));
  EXPECT_TRUE(warns("tcp or udp and ip.ttl == 1", "mixed"));
  EXPECT_FALSE(warns("tcp or (udp and ip.ttl == 1)", "mixed"));
  EXPECT_TRUE(warns("frame contains \"get\"", "case"));
  EXPECT_FALSE(warns("frame contains \"123\"", "case"));
  EXPECT_TRUE(warns("ip.ttl > 5 and ip.ttl < 3", "never"));
  EXPECT_TRUE(warns("ip.ttl > 255", "never"));
  EXPECT_TRUE(warns("ip.ttl >= 0", "always"));
  EXPECT_FALSE(warns("ip.ttl > 5 and ip.ttl < 9", "never"));
}

TEST(ColourRules, HaveRulesThatParse) {
  const ColourRules rules;
  const dissect::Tree nothing;
  EXPECT_EQ(rules.start_of(nothing), "");
}

}  // namespace
}  // namespace trama::filter
