#include "connect/telnet.h"

#include <gtest/gtest.h>

namespace trama::connect {
namespace {

std::vector<u8> answers_to(std::vector<u8> bytes) { return telnet_refusals(bytes); }

TEST(Telnet, RefusesWhatIsAskedAndOffered) {
  EXPECT_EQ(answers_to({255, 253, 1}), (std::vector<u8>{255, 252, 1}));  // DO ECHO: WONT
  EXPECT_EQ(answers_to({255, 251, 3}), (std::vector<u8>{255, 254, 3}));  // WILL SGA: DONT
  EXPECT_EQ(answers_to({'a', 255, 251, 3, 'b', 255, 253, 24}),
            (std::vector<u8>{255, 254, 3, 255, 252, 24}));
}

TEST(Telnet, AnswersNoRefusals) { EXPECT_TRUE(answers_to({255, 252, 1, 255, 254, 1}).empty()); }

TEST(Telnet, LeavesDataAlone) {
  EXPECT_TRUE(answers_to({}).empty());
  EXPECT_TRUE(answers_to({255}).empty());
  EXPECT_TRUE(answers_to({255, 253}).empty());               // cut
  EXPECT_TRUE(answers_to({255, 255, 253, 1, 'x'}).empty());  // an escaped 255, then data
}

}  // namespace
}  // namespace trama::connect
