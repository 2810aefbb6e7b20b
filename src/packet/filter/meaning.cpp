#include "packet/filter/meaning.h"

#include <fmt/format.h>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/filter/field_list.h"

namespace trama::filter {
namespace {

class Teller {
 public:
  Teller(std::string_view text, Meanings& meanings) : text_(text), meanings_(meanings) {}

  void tell(const Node& node, unsigned depth) {
    meanings_.parts.push_back({node.where, depth, sentence(node)});
    warn(node, text_, meanings_.warnings);
    const bool joins = node.form == Form::both || node.form == Form::either ||
                       node.form == Form::differing || node.form == Form::negated;
    if (!joins) return;
    for (const Node& part : node.parts) tell(part, depth + 1);
  }

 private:
  [[nodiscard]] std::string as_typed(const Node& node) const {
    return harmless(text_.substr(node.where.at, node.where.end - node.where.at));
  }

  // "tcp.port (sender's port; receiver's port)", or the calculation as it was typed.
  [[nodiscard]] std::string operand(const Node& node) const {
    const parse::Word* word = word_of(node);
    if (word == nullptr) return as_typed(node);
    const std::string means = meaning_of(*word);
    return means.empty() ? std::string{word->word} : fmt::format("{} ({})", word->word, means);
  }

  [[nodiscard]] std::string sentence(const Node& node) const {
    switch (node.form) {
      case Form::both:
        return say("all of these:");
      case Form::either:
        return say("at least one of these:");
      case Form::differing:
        return say("exactly one of these:");
      case Form::negated:
        return say("not this:");
      case Form::compare:
        return comparison(node);
      case Form::contains:
        return say("{} contains {}", operand(node.parts[0]), operand(node.parts[1]));
      case Form::matches:
        return say("{} matches the regular expression {}, in upper or lower case",
                   operand(node.parts[0]), operand(node.parts[1]));
      case Form::within:
        return within(node);
      default:
        return alone(node);
    }
  }

  [[nodiscard]] std::string alone(const Node& node) const {
    const parse::Word* word = word_of(node);
    if (word == nullptr) return say("{} is there and not 0", as_typed(node));
    if (word->is_layer) return say("the packet has {}", word->meanings.front().header->name);
    return say("the packet has {}, whatever its value", operand(node));
  }

  [[nodiscard]] std::string comparison(const Node& node) const {
    const std::string left = operand(node.parts[0]);
    const std::string right = operand(node.parts[1]);
    const parse::Word* word = word_of(node.parts[0]);
    const bool several = word != nullptr && word->meanings.size() > 1;
    const bool all =
        node.quantity == Quantity::all || (node.quantity == Quantity::by_relation && node.every);
    if (several && all) return say("every one of {} {}", left, relation(node, right));
    if (several) return say("one of {} {}", left, relation(node, right));
    return fmt::format("{} {}", left, relation(node, right));
  }

  static std::string relation(const Node& node, const std::string& right) {
    switch (node.relation) {
      case Relation::equal:
        return say("is {}", right);
      case Relation::differ:
        return say("is there and is not {}", right);
      case Relation::greater:
        return say("is greater than {}", right);
      case Relation::greater_equal:
        return say("is {} or greater", right);
      case Relation::less:
        return say("is less than {}", right);
      case Relation::less_equal:
        return say("is {} or less", right);
    }
    return {};
  }

  [[nodiscard]] std::string within(const Node& node) const {
    std::string members;
    for (std::size_t i = 1; i + 1 < node.parts.size(); i += 2) {
      if (!members.empty()) members += ", ";
      const std::string low = as_typed(node.parts[i]);
      const std::string high = as_typed(node.parts[i + 1]);
      members += low == high ? low : say("{} to {}", low, high);
    }
    return say("{} is one of {}", operand(node.parts[0]), members);
  }

  std::string_view text_;
  Meanings& meanings_;
};

}  // namespace

const parse::Word* word_of(const Node& node) {
  if (node.form == Form::group) return word_of(node.parts[0]);
  return node.form == Form::word || node.form == Form::field ? parse::find_word(node.text)
                                                             : nullptr;
}

Meanings meanings_of(const Node& node, std::string_view text) {
  Meanings meanings;
  Teller{text, meanings}.tell(node, 0);
  return meanings;
}

}  // namespace trama::filter
