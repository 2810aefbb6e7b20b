#include "packet/filter/fit.h"

#include <algorithm>
#include <iterator>

#include "base/say.h"

namespace trama::filter {

bool is_foreign_protocol(std::string_view text) {
  constexpr std::string_view names[] = {"dc", "e100", "e164", "e212", "fc", "fc00", "fefd", "ff"};
  return std::find(std::begin(names), std::end(names), text) != std::end(names);
}

bool is_constant(Form form) {
  return form == Form::word || form == Form::value || form == Form::text || form == Form::character;
}

const parse::Word* exact_word(std::string_view text) {
  const auto* word = parse::find_word(text);
  return word != nullptr && word->word == text ? word : nullptr;
}

tl::unexpected<Complaint> no_such_field(const Node& node) {
  if (const auto near = parse::nearest_word(node.text); !near.empty())
    return complain(node.where, say("there is no field \"{}\": did you mean {}?", node.text, near));
  return complain(node.where, say("there is no field or protocol \"{}\"", node.text));
}

void as_bytes(Expression& expression) {
  if (expression.type.sort == Sort::bytes) return;
  Expression outer{Expression::Kind::bytes, Type{Sort::bytes}};
  outer.parts.push_back(std::move(expression));
  expression = std::move(outer);
}

Checked<void> fit(Expression& one, Expression& other, const Node& node) {
  const auto is_slice = [](const Expression& e) {
    return e.kind == Expression::Kind::slice && e.type.sort == Sort::bytes;
  };
  if (one.type.sort == Sort::mark)
    return complain(node.where, say("the field has no value: write its name alone"));
  if (other.kind == Expression::Kind::constant) return {};
  const bool sliced =
      (is_slice(one) && other.type.has_bytes()) || (is_slice(other) && one.type.has_bytes());
  if (!sliced && !compatible(one.type, other.type)) {
    if (one.type.sort == Sort::text && node.form == Form::word)
      return complain(node.where, say("a text stands in double quotes: \"{}\"", node.text));
    return complain(node.where,
                    say("{} cannot be compared with {}", name_of(one.type), name_of(other.type)));
  }
  if (one.type.sort != other.type.sort && !one.type.is_number()) {
    as_bytes(one);
    as_bytes(other);
  }
  return {};
}

tl::unexpected<Complaint> no_text_inside(const Node& node, const Expression& made,
                                         std::string_view operation) {
  return complain(node.where, say("{} looks into texts and bytes, and this is {}", operation,
                                  name_of(made.type)));
}

tl::unexpected<Complaint> not_calculable(const Node& node, Type type, char sign) {
  return complain(node.where,
                  say("{} cannot be calculated with {}", name_of(type), std::string(1, sign)));
}

}  // namespace trama::filter
