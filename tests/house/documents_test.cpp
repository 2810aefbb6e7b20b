// Documents that are made from tables: the file in docs/ must be what the table gives now. A
// difference is mended by writing the text that the failed test prints (TRAMA_WRITE_DOCS=1 writes
// it).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "kit/program.h"
#include "packet/filter/field_list.h"
#include "packet/flow/tcp_states.h"
#include "packet/make/scenario.h"
#include "verbs/verb.h"

namespace trama {
extern const Verb nc_verb, ncat_verb;
}

namespace trama::tests {
namespace {

TEST(Documents, TcpStatesAreTheRowsOfTheTable) {
  const std::string path = source("docs/tcp-states.md");
  if (std::getenv("TRAMA_WRITE_DOCS") != nullptr)
    std::ofstream{path} << flow::tcp_states_document();
  EXPECT_EQ(read_file(path), flow::tcp_states_document());
}

TEST(Documents, FieldsAreTheWordsOfTheTables) {
  const std::string path = source("docs/fields.md");
  if (std::getenv("TRAMA_WRITE_DOCS") != nullptr) std::ofstream{path} << filter::fields_document();
  EXPECT_EQ(read_file(path), filter::fields_document());
}

TEST(Documents, ScenariosHaveEveryWord) {
  const auto text = read_file(source("docs/scenarios.md"));
  for (const auto& row : make::scenario_words()) {
    const auto word = std::string{row.word};
    EXPECT_TRUE(text.find("`" + word) != text.npos || text.find(" " + word) != text.npos) << word;
  }
}

// docs/netcat.md has a row for each option of both tools, in the section of its own.
TEST(Documents, NetcatHasEveryOption) {
  const auto text = read_file(source("docs/netcat.md"));
  const auto ncat_starts = text.find("\n## ncat\n");
  const auto nc_starts = text.find("\n## OpenBSD nc\n");
  ASSERT_NE(ncat_starts, text.npos);
  ASSERT_LT(nc_starts, ncat_starts);
  const auto ends = text.find("\n## ", ncat_starts + 1);
  const std::pair<const Verb&, std::string> sections[] = {
      {nc_verb,   text.substr(nc_starts,   ncat_starts - nc_starts)},
      {ncat_verb, text.substr(ncat_starts, ends - ncat_starts)     }
  };
  for (const auto& [verb, section] : sections)
    for (const Option& row : verb.options)
      for (const auto& word : {row.letter.empty() ? "" : fmt::format("-{}", row.letter),
                               row.name.empty() ? "" : fmt::format("--{}", row.name)})
        EXPECT_TRUE(word.empty() || section.find("`" + word + "`") != section.npos ||
                    section.find("`" + word + " ") != section.npos)
            << verb.name << " " << word;
}

// Both READMEs show the same commands, in the same order.
TEST(Documents, BothReadmesShowTheSameCommands) {
  const auto commands = [](const std::string& text) {
    std::vector<std::string> found;
    for (auto at = text.find("`trama "); at != text.npos; at = text.find("`trama ", at + 1))
      found.push_back(text.substr(at + 1, text.find('`', at + 1) - at - 1));
    return found;
  };
  EXPECT_EQ(commands(read_file(source("README.md"))),
            commands(read_file(source("README.pt-BR.md"))));
}

}  // namespace
}  // namespace trama::tests
