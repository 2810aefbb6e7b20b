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

// True where a word of the test fulfils the condition.
template <class Condition>
bool has_word(const Expression& expression, Condition&& is) {
  if (expression.kind == Expression::Kind::field) return is(*expression.word);
  return std::any_of(expression.parts.begin(), expression.parts.end(),
                     [&](const Expression& part) { return has_word(part, is); });
}

template <class Condition>
bool has_word(const Test& test, Condition&& is) {
  return std::any_of(test.operands.begin(), test.operands.end(),
                     [&](const Expression& operand) { return has_word(operand, is); }) ||
         std::any_of(test.parts.begin(), test.parts.end(),
                     [&](const Test& part) { return has_word(part, is); });
}

// The flow table fills one of the word's fields.
bool is_late(const dissect::Word& word) {
  return std::any_of(word.meanings.begin(), word.meanings.end(),
                     [](const dissect::Meaning& meaning) { return meaning.field->late; });
}

bool is_since(const dissect::Word& word) {
  return word.word == "frame.time_relative" || word.word == "frame.time_delta" ||
         word.word == "frame.time_delta_displayed";
}

}  // namespace

struct Filter::Parts {
  Test test;
  FastTest fast;
  bool everything = false;
  bool late = false;
  bool since = false;
  Scratch scratch;
};

const dissect::Tree& PlainTrees::of(const Packet& packet) {
  tree_.dissect(packet, interfaces_[packet.interface]);
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
    parts->late = has_word(parts->test, is_late);
    parts->since = has_word(parts->test, is_since);
  }
  return Filter{std::move(parts)};
}

u64 Filter::keep(const Batch& batch, Trees& trees, u64 among) const {
  const u64 asked = Batch::mask(batch.count) & among;
  if (parts_->everything) return asked;
  const Answer answer = parts_->fast.ask(batch, asked);
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

bool Filter::needs_flow() const { return parts_->late; }
bool Filter::needs_times() const { return parts_->since; }

}  // namespace trama::filter
