#include "packet/filter/filter.h"

#include <algorithm>

#include "packet/filter/batch.h"
#include "packet/filter/check.h"
#include "packet/filter/evaluate.h"
#include "packet/filter/explain.h"
#include "packet/filter/parser.h"

namespace trama::filter {
namespace {

void cheapest_first(Test& test) {
  for (Test& part : test.parts) cheapest_first(part);
  std::stable_sort(test.parts.begin(), test.parts.end(),
                   [](const Test& a, const Test& b) { return cost_of(a) < cost_of(b); });
}

// The latest step of a packet's way that fills one of the words.
wire::Stage stage_of(const Expression& expression) {
  wire::Stage stage = wire::Stage::dissect;
  if (expression.kind == Expression::Kind::field)
    for (const parse::Meaning& meaning : expression.word->meanings)
      stage = std::max(stage, meaning.stage);
  for (const Expression& part : expression.parts) stage = std::max(stage, stage_of(part));
  return stage;
}

wire::Stage stage_of(const Test& test) {
  wire::Stage stage = wire::Stage::dissect;
  for (const Expression& operand : test.operands) stage = std::max(stage, stage_of(operand));
  for (const Test& part : test.parts) stage = std::max(stage, stage_of(part));
  return stage;
}

// True where one of the test's words is such.
using Such = bool (*)(std::string_view word);
bool names(const Expression& expression, Such such) {
  if (expression.kind == Expression::Kind::field) return such(expression.word->word);
  return std::any_of(expression.parts.begin(), expression.parts.end(),
                     [&](const Expression& part) { return names(part, such); });
}

bool names(const Test& test, Such such) {
  return std::any_of(test.operands.begin(), test.operands.end(),
                     [&](const Expression& operand) { return names(operand, such); }) ||
         std::any_of(test.parts.begin(), test.parts.end(),
                     [&](const Test& part) { return names(part, such); });
}

// Of times since other packets.
bool is_since(std::string_view word) {
  return word == "frame.time_relative" || word.starts_with("frame.time_delta");
}

bool is_verdict(std::string_view word) { return word.starts_with("trama.verdict"); }

}  // namespace

struct Filter::Parts {
  Test test;
  FastTest fast;
  bool everything = false;
  wire::Stage stage = wire::Stage::dissect;
  bool since = false, verdicts = false;
  Scratch scratch;
};

const dissect::Tree& PlainTrees::of(const Packet& packet) {
  tree_.dissect(packet, interfaces_[packet.interface]);
  tree_.add_data();
  return tree_;
}

Filter::Filter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Result<Filter> Filter::parse(std::string_view text) {
  const auto node = parse_text(text);
  if (!node) return fail(Exit::bad_input, explained(node.error(), text));
  auto parts = std::make_unique<Parts>();
  parts->everything = !node->has_value();
  if (node->has_value()) {
    auto test = check(**node);
    if (!test) return fail(Exit::bad_input, explained(test.error(), text));
    parts->test = std::move(*test);
    cheapest_first(parts->test);
    parts->fast = FastTest{parts->test};
    parts->stage = stage_of(parts->test);
    parts->since = names(parts->test, is_since);
    parts->verdicts = names(parts->test, is_verdict);
  }
  return Filter{std::move(parts)};
}

u64 Filter::keep(const Batch& batch, Trees& trees, u64 among) const {
  const u64 asked = Batch::mask(batch.count) & among;
  if (parts_->everything) return asked;
  const Answer answer = parts_->fast.ask(batch, trees.steps(), asked);
  u64 kept = answer.yes;
  for (u64 left = asked & ~(answer.yes | answer.no); left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(__builtin_ctzll(left));
    if (matches(trees.of(batch.packets[i]))) kept |= u64{1} << i;
  }
  return kept;
}

bool Filter::matches(const dissect::Tree& tree) const {
  return parts_->everything || holds(parts_->test, tree, parts_->scratch);
}

wire::Stage Filter::stage() const { return parts_->stage; }
bool Filter::needs_times() const { return parts_->since; }
bool Filter::needs_verdicts() const { return parts_->verdicts; }

}  // namespace trama::filter
