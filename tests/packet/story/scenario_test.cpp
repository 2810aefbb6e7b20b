// Plays the stories of tests/scenarios/*.txt (packet/make/scenario.h) into the tracker and the
// teller: both ends' states after each packet, words that its sentence must hold, verdicts and the
// diagnosis.
#include "packet/make/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "kit/frames.h"
#include "kit/program.h"
#include "packet/dissect/dissect.h"
#include "packet/flow/judge.h"
#include "packet/parse/engine.h"
#include "packet/story/diagnosis.h"

namespace trama::tests {
namespace {

class Stage {
 public:
  void play(const make::Line& line) {
    SCOPED_TRACE(line.text);
    const auto frame = player_.play(line);
    Kept kept{frame.bytes, ++number_, frame.time};
    dissect::mark(kept.packet(), 1);
    dissect::Tree tree;
    tree.dissect(kept.packet(), {}, &fragments_);
    table_.forget_ended();
    const auto step = table_.follow(kept.packet(), &tree);
    // A fragment that others must come to tells nothing yet.
    ASSERT_EQ(!step, line.part && line.client_state.empty());
    if (!step) return;
    const auto verdicts = judge_.follow(*step, kept.packet(), &tree);
    const auto rung = story::tell(*step, number_, frame.time, memory_, &verdicts);
    parse::Told told;
    if (step->speaks()) messages_.read(kept.packet(), &*step, &tree, told);
    story::Story* story = book_.add(*step, number_, frame.time, &verdicts);
    ASSERT_NE(story, nullptr);
    story::note_messages(story->facts, tree, number_, line.from == 0);
    if (!line.verdict.empty()) {
      EXPECT_EQ(text_of(verdicts), line.verdict);
    }
    if (!line.diagnosis.empty()) expect_diagnosis(*story, line.diagnosis);
    const auto shown = [](const story::State& state) {
      return state.name.substr(0, state.name.find(' '));
    };
    EXPECT_EQ(shown(rung.client), line.client_state);
    EXPECT_EQ(shown(rung.server), line.server_state);
    EXPECT_NE(rung.sentence.find(line.says), std::string::npos) << rung.sentence;
    EXPECT_EQ(rung.by_client, line.from == 0);
  }

 private:
  static std::string text_of(const flow::Verdicts& verdicts) {
    std::string text;
    for (const auto& verdict : verdicts) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", word_of(verdict.cause));
      for (u8 i = 0; i < verdict.count; ++i) text += fmt::format(" {}", verdict.frames[i]);
    }
    return text;
  }

  static void expect_diagnosis(const story::Story& story, const std::string& words) {
    const auto findings = story::diagnose(story);
    const std::string first = findings.empty() ? "fine" : findings.front().says;
    EXPECT_NE(first.find(words), std::string::npos) << first;
  }

  make::Player player_;
  u64 number_ = 0;
  flow::Judge judge_;
  parse::Engine messages_{{}};
  flow::Table table_;
  dissect::Fragments fragments_;
  story::Memory memory_;
  story::Book book_;
};

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, StatesAndSentencesFollow) {
  const auto path = source("tests/scenarios/" + GetParam() + ".txt");
  const auto lines = make::read_scenario(read_file(path), path);
  ASSERT_TRUE(lines) << lines.error().sentence;
  ASSERT_FALSE(lines->empty());
  Stage stage;
  for (const make::Line& line : *lines) stage.play(line);
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{source("tests/scenarios")})
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Story, Scenario, testing::ValuesIn(scenarios()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace trama::tests
