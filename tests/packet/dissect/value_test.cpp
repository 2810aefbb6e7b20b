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

}  // namespace
}  // namespace trama::dissect
