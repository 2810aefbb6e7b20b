// Every sentence exists in Portuguese: what xgettext finds in the sources, and nothing left behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/say.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

TEST(Catalogue, HasEverySentenceOfTheSources) {
  const Folder folder;
  std::vector<std::string> command{"xgettext",
                                   "--language=C++",
                                   "--from-code=UTF-8",
                                   "--keyword=say",
                                   "--keyword=say_n:1,2",
                                   "--keyword=N_",
                                   "--keyword=translated",
                                   "-o",
                                   folder.path("all.pot")};
  for (const auto& entry : std::filesystem::recursive_directory_iterator{source("src")})
    if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp")
      command.push_back(entry.path().string());
  const Ended extracted = run(command);
  ASSERT_EQ(extracted.status, 0) << extracted.err;
  const Ended compared = run({"msgcmp", source("po/pt_BR.po"), folder.path("all.pot")});
  EXPECT_EQ(compared.status, 0) << compared.err;
  EXPECT_EQ(compared.err.find("not used"), std::string::npos) << "left behind:\n" << compared.err;
}

// The {…} of a sentence, sorted; {0:x} names an argument by place, its format is what counts.
std::vector<std::string> placeholders(std::string_view text) {
  std::vector<std::string> found;
  for (auto at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    const auto close = text.find('}', at);
    if (close == text.npos) break;
    auto inside = text.substr(at + 1, close - at - 1);
    inside.remove_prefix(std::min(inside.find_first_not_of("0123456789"), inside.size()));
    found.emplace_back(inside);
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Catalogue, TranslationsTakeTheSameParameters) {
  ASSERT_GT(catalogue_size(), 10U);
  for (unsigned i = 0; i < catalogue_size(); ++i) {
    const auto [key, text] = catalogue_entry(i);
    if (key.empty()) continue;  // the header
    EXPECT_FALSE(text.empty()) << key;
    const auto english = key.find('\0') == key.npos ? key : key.substr(key.find('\0') + 1);
    for (auto left = text; !left.empty();) {
      const auto form = left.substr(0, left.find('\0'));
      EXPECT_EQ(placeholders(form), placeholders(english)) << key;
      left.remove_prefix(std::min(left.size(), form.size() + 1));
    }
  }
}

}  // namespace
}  // namespace trama::tests
