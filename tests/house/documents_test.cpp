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
