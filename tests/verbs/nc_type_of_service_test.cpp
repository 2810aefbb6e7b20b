#include "verbs/nc_type_of_service.h"

#include <gtest/gtest.h>

namespace trama {
namespace {

TEST(TypeOfService, KnowsNcsWords) {
  EXPECT_EQ(type_of_service("lowdelay"), 0x10);
  EXPECT_EQ(type_of_service("ef"), 0xb8);
  EXPECT_EQ(type_of_service("af11"), 0x28);
  EXPECT_EQ(type_of_service("af43"), 0x98);
  EXPECT_EQ(type_of_service("cs0"), 0);
  EXPECT_EQ(type_of_service("cs7"), 0xe0);
  EXPECT_EQ(type_of_service("0x10"), 16);
  EXPECT_EQ(type_of_service("255"), 255);
}

TEST(TypeOfService, AndNoOthers) {
  for (const auto* word : {"", "what", "af14", "af51", "cs8", "256", "-1", "0x", "0x1g", "1 "})
    EXPECT_EQ(type_of_service(word), std::nullopt) << word;
}

}  // namespace
}  // namespace trama
