// The classic mistakes: filters that are right and do not keep what their author expects.
#include <algorithm>
#include <limits>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/filter/check.h"
#include "packet/filter/meaning.h"

namespace trama::filter {
namespace {

std::string typed(const Node& node, std::string_view text) {
  return harmless(text.substr(node.where.at, node.where.end - node.where.at));
}

bool in_brackets(const Node& node, std::string_view text) {
  auto before = node.where.at;
  while (before > 0 && text[before - 1] == ' ') --before;
  return (before > 0 && text[before - 1] == '(') || text[node.where.at] == '(';
}

bool is_differ(const Node& node) {
  return node.form == Form::compare && node.relation == Relation::differ;
}

// "!=" on words with several values, and on packets without the field.
void warn_differ(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  const parse::Word* word = word_of(node.parts[0]);
  if (word == nullptr) return;
  const std::string name{word->word};
  const std::string value = typed(node.parts[1], text);
  if (word->meanings.size() > 1) {
    if (node.every)
      warnings.push_back({node.where, "differs",
                          say("{0} has several values in a packet: != keeps packets in which none "
                              "of them is {1} (before Wireshark 3.6 it kept nearly all); for "
                              "\"one of them is not {1}\" write {0} !== {1}",
                              name, value)});
    else
      warnings.push_back({node.where, "differs",
                          say("{0} has several values in a packet: this keeps those in which one "
                              "differs from {1}, though another may be {1}; for \"none is {1}\" "
                              "write {0} != {1}",
                              name, value)});
  }
  warnings.push_back(
      {node.where, "absent",
       say("packets without {0} do not pass; not {0} == {1} keeps them, too", name, value)});
}

void warn_negated(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  const Node& inner = node.parts[0];
  if (inner.form != Form::compare || inner.relation != Relation::equal) return;
  const parse::Word* word = word_of(inner.parts[0]);
  if (word == nullptr) return;
  warnings.push_back({node.where, "absent",
                      say("packets without {0} pass, too; {0} != {1} keeps only those that have it",
                          word->word, typed(inner.parts[1], text))});
}

// A flag's word alone asks whether the flag is in the packet, not whether it is set.
void warn_exists(const Node& node, std::vector<Warning>& warnings) {
  const parse::Word* word = word_of(node);
  if (word == nullptr || word->is_layer) return;
  const parse::Meaning& meaning = word->meanings.front();
  if (meaning.field->show != wire::Show::flag || meaning.field->bits == 0) return;
  warnings.push_back(
      {node.where, "exists",
       say("{0} alone asks whether the field is there, set or not: every packet with {1} passes; "
           "for those where it is set write {0} == 1",
           word->word, meaning.header->name)});
}

void warn_mixed(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  for (const Node& part : node.parts)
    if (part.form == Form::both && !in_brackets(part, text)) {
      warnings.push_back({part.where, "mixed",
                          say("and binds tighter than or: this is read as ({}); brackets make it "
                              "plain",
                              typed(part, text))});
      return;
    }
}

void warn_contains(const Node& node, std::vector<Warning>& warnings) {
  const Node& wanted = node.parts[1];
  const bool letters = std::any_of(wanted.text.begin(), wanted.text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  if (wanted.form != Form::text || !letters) return;
  warnings.push_back({node.where, "case",
                      say("contains tells upper from lower case; matches \"{}\" does not",
                          harmless(wanted.text))});
}

struct Bounds {
  i64 low = std::numeric_limits<i64>::min();
  i64 high = std::numeric_limits<i64>::max();
};

// What one comparison of a number leaves possible.
bool narrow(const Node& node, const parse::Word*& word, Bounds& bounds) {
  if (node.form != Form::compare) return false;
  word = word_of(node.parts[0]);
  if (word == nullptr || word->meanings.size() != 1) return false;
  const auto test = check(node);
  if (!test || test->kind != Test::Kind::compare || test->operands.size() != 2) return false;
  const Expression& value = test->operands[1];
  if (!is_plain_field(test->operands[0]) || value.kind != Expression::Kind::constant) return false;
  if (!value.type.is_number() && value.type.sort != Sort::boolean) return false;
  const i64 number = value.constant.value.number;
  const Relation relation = test->relation;
  if (relation == Relation::differ) return false;
  if (relation == Relation::equal || relation == Relation::greater_equal) bounds.low = number;
  if (relation == Relation::equal || relation == Relation::less_equal) bounds.high = number;
  if (relation == Relation::greater) {
    if (number == std::numeric_limits<i64>::max()) return false;
    bounds.low = number + 1;
  }
  if (relation == Relation::less) {
    if (number == std::numeric_limits<i64>::min()) return false;
    bounds.high = number - 1;
  }
  return true;
}

// The values that the field's bits can hold.
Bounds possible(const wire::Field& field) {
  if (field.show == wire::Show::signed_dec) return {};
  if (field.bits == 0 || field.bits > 32) return {0, std::numeric_limits<i64>::max()};
  return {0, static_cast<i64>(field.mask() * field.times)};
}

void warn_bounds(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  const parse::Word* word = nullptr;
  Bounds asked;
  if (!narrow(node, word, asked)) return;
  const Bounds real = possible(*word->meanings.front().field);
  const std::string shown = typed(node, text);
  if (asked.high < real.low || asked.low > real.high)
    warnings.push_back({node.where, "never", say("{} never holds", shown)});
  else if (asked.low <= real.low && asked.high >= real.high)
    warnings.push_back(
        {node.where, "always", say("{} always holds where {} is there", shown, word->word)});
}

void gather(const Node& node, std::vector<const Node*>& parts) {
  for (const Node& part : node.parts)
    if (part.form == Form::both)
      gather(part, parts);
    else
      parts.push_back(&part);
}

// Two parts of an "and" that exclude each other.
void warn_contradiction(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  std::vector<const Node*> parts;
  gather(node, parts);
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t k = i + 1; k < parts.size(); ++k) {
      const parse::Word* one = nullptr;
      const parse::Word* other = nullptr;
      Bounds a;
      Bounds b;
      if (!narrow(*parts[i], one, a) || !narrow(*parts[k], other, b) || one != other) continue;
      if (std::max(a.low, b.low) <= std::min(a.high, b.high)) continue;
      warnings.push_back({parts[k]->where, "never",
                          say("{} and {} hold together only in a packet that has {} twice "
                              "(a tunnel, an ICMP error)",
                              typed(*parts[i], text), typed(*parts[k], text), one->word)});
      return;
    }
}

}  // namespace

void warn(const Node& node, std::string_view text, std::vector<Warning>& warnings) {
  if (is_differ(node)) warn_differ(node, text, warnings);
  if (node.form == Form::negated) warn_negated(node, text, warnings);
  if (node.form == Form::word || node.form == Form::field) warn_exists(node, warnings);
  if (node.form == Form::either) warn_mixed(node, text, warnings);
  if (node.form == Form::contains) warn_contains(node, warnings);
  if (node.form == Form::compare) warn_bounds(node, text, warnings);
  if (node.form == Form::both) warn_contradiction(node, text, warnings);
}

}  // namespace trama::filter
