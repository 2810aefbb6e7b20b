#include "packet/dissect/value.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <random>

namespace trama::dissect {
namespace {

std::string by_libc(const u8* sixteen) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(AF_INET6, sixteen, text, sizeof text);
}

// Groups from few values, so that runs of zeros and mapped addresses are frequent.
TEST(Value, Ipv6AsInetNtop) {
  std::mt19937 random{1};
  constexpr unsigned parts[] = {0, 0, 0, 0, 1, 0xffff, 0x0a00, 0xfe80, 0x12};
  for (int i = 0; i < 20'000; ++i) {
    u8 address[16];
    for (unsigned k = 0; k < 8; ++k) {
      const unsigned group = parts[random() % std::size(parts)];
      address[2 * k] = static_cast<u8>(group >> 8);
      address[2 * k + 1] = static_cast<u8>(group);
    }
    std::string text;
    append_ipv6(text, address);
    ASSERT_EQ(text, by_libc(address));
  }
}

TEST(Value, Ipv4) {
  for (const auto& [address, text] : {
           std::pair{0x00000000U, "0.0.0.0"        },
           std::pair{0x0a0b0c0dU, "10.11.12.13"    },
           std::pair{0xffffffffU, "255.255.255.255"},
           std::pair{0x01640965U, "1.100.9.101"    }
  }) {
    std::string out;
    append_ipv4(out, address);
    EXPECT_EQ(out, text);
  }
}

TEST(Value, Numbers) {
  std::mt19937_64 random{2};
  for (int i = 0; i < 10'000; ++i) {
    const u64 value = random() >> (random() % 64);
    std::string text;
    append_number(text, value);
    ASSERT_EQ(text, std::to_string(value));
  }
}

TEST(Value, Seconds) {
  for (const auto& [nanoseconds, text] : {
           std::pair{i64{0},                  "0.000000000"    },
           std::pair{i64{1},                  "0.000000001"    },
           std::pair{i64{-1'500'000'000},     "-1.500000000"   },
           std::pair{i64{12'345'678'901'234}, "12345.678901234"}
  }) {
    std::string out;
    append_seconds(out, nanoseconds);
    EXPECT_EQ(out, text);
  }
}

}  // namespace
}  // namespace trama::dissect
