#include "packet/output/ladder.h"

#include <gtest/gtest.h>

#include "base/terminal.h"

namespace trama::tests {
namespace {

using story::Origin;

story::Rung rung(bool by_client, bool lost, std::string label) {
  story::Rung made;
  made.number = 7;
  made.since_previous = 300'400'000;
  made.by_client = by_client;
  made.lost = lost;
  made.label = std::move(label);
  made.client = {"ESTABLISHED", Origin::kernel};
  made.server = {"SYN_RCVD", Origin::deduced};
  return made;
}

TEST(Ladder, ShowsANumberATimeBothStatesAndAnArrow) {
  const output::Ladder ladder{Terminal{.utf8 = true}};
  EXPECT_EQ(
      ladder.rung(rung(true, false, "SYN  seq=0")),
      "  7     300.4  ESTABLISHED ● │── SYN  seq=0 ─────────────────────────────→│ SYN_RCVD ○\n");
  EXPECT_EQ(
      ladder.rung(rung(false, false, "SYN ACK  seq=0 ack=1")),
      "  7     300.4  ESTABLISHED ● │←── SYN ACK  seq=0 ack=1 ───────────────────│ SYN_RCVD ○\n");
}

TEST(Ladder, EveryArrowIsAsWideAsTheField) {
  for (const bool utf8 : {true, false})
    for (const bool by_client : {true, false})
      for (const bool lost : {true, false})
        for (const std::string label :
             {"", "ACK", "an extremely long label that no field of a ladder could ever hold"}) {
          const output::Ladder ladder{Terminal{.utf8 = utf8}};
          const std::string text = ladder.rung(rung(by_client, lost, label));
          EXPECT_EQ(width(text.substr(0, text.find("SYN_RCVD"))), 76U) << text;
        }
}

TEST(Ladder, NarrowTerminalsGetAShorterField) {
  const output::Ladder ladder{
      Terminal{.utf8 = true, .is_tty = true, .columns = 80}
  };
  const std::string text = ladder.rung(rung(true, false, "ACK"));
  EXPECT_LE(width(text.substr(0, text.find('\n'))), 80U) << text;
}

TEST(Ladder, NotesBreakBetweenWords) {
  const output::Ladder ladder{
      Terminal{.utf8 = true, .is_tty = true, .columns = 60}
  };
  const std::string note =
      ladder.note("one two three four five six seven eight nine ten eleven twelve");
  EXPECT_TRUE(note.starts_with(std::string(15, ' ') + "╰ one two")) << note;
  EXPECT_NE(note.find("\n" + std::string(17, ' ')), std::string::npos) << note;
}

TEST(Ladder, HeadsNameBothEndsAndWhatTheyWere) {
  const output::Ladder ladder{Terminal{.utf8 = false}};
  const std::string head = ladder.head({{}, 51514}, {{}, 65432}, {"CLOSED", Origin::deduced},
                                       {"LISTEN", Origin::kernel});
  EXPECT_NE(head.find("CLIENT :51514"), std::string::npos) << head;
  EXPECT_NE(head.find("SERVER :65432"), std::string::npos) << head;
  EXPECT_NE(head.find("CLOSED ?      |"), std::string::npos) << head;
  EXPECT_NE(head.find("| LISTEN *"), std::string::npos) << head;
}

}  // namespace
}  // namespace trama::tests
