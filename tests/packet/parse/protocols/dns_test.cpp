// Questions and their answers, in made datagrams.
#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string message(unsigned id, bool answer) {
  return number(id) + number(answer ? 0x8180 : 0x0100) + number(1) + number(0) + number(0) +
         number(0) + "\3www\7example" + '\0' + number(1) + number(1);
}

TEST(Dns, PairsAnswersWithQuestions) {
  Datagrams reading{53};
  reading.client(message(7, false)).client(message(8, false)).server(message(7, true));
  EXPECT_EQ(reading.value("dns.response_to"), "1");
  EXPECT_EQ(reading.value("dns.time"), "0.020000000");
  reading.client(message(8, false));
  EXPECT_EQ(reading.value("dns.retransmit_request_in"), "2");
  reading.server(message(9, true));
  EXPECT_EQ(reading.value("dns.response_to"), "");
}

TEST(Dns, RemembersSoManyQuestionsThenForgets) {
  Datagrams reading{53, false};
  u64 most = 0;
  for (unsigned id = 0; id < 10000; ++id) {
    reading.client(message(id, false));
    most = std::max(most, reading.waiting());
  }
  EXPECT_GT(most, 0U);
  EXPECT_LT(most, 4096U * 64 + 1);
}

}  // namespace
}  // namespace trama::parse::tests
