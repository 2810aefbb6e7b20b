#include "packet/filter/check.h"

#include "base/say.h"
#include "packet/filter/fit.h"
#include "packet/filter/functions.h"

namespace trama::filter {
namespace {

class Checker {
 public:
  Checked<Test> test(const Node& node) {
    switch (node.form) {
      case Form::both:
        return logic(Test::Kind::both, node);
      case Form::either:
        return logic(Test::Kind::either, node);
      case Form::differing:
        return logic(Test::Kind::differing, node);
      case Form::negated:
        return logic(Test::Kind::negated, node);
      case Form::compare:
        return comparison(node);
      case Form::contains:
        return contains(node);
      case Form::matches:
        return matches(node);
      case Form::within:
        return within(node);
      case Form::call:
        return complain(node.where, say("a function gives a value: compare it with something"));
      default:
        return bare(node);
    }
  }

 private:
  struct Wanted {  // what a constant must become
    Type type;
    ValueNames names = {};
    bool part = false;
  };

  Checked<Test> logic(Test::Kind kind, const Node& node) {
    Test made{kind};
    for (const Node& part : node.parts) {
      auto inner = test(part);
      if (!inner) return inner;
      made.parts.push_back(std::move(*inner));
    }
    return made;
  }

  static Test leaf(Test::Kind kind, Expression operand) {
    Test made{kind};
    made.operands.push_back(std::move(operand));
    return made;
  }

  Checked<Test> bare(const Node& node) {
    const Node* inner = &node;
    while (inner->form == Form::group) inner = &inner->parts[0];
    if (inner->form == Form::text || inner->form == Form::value || inner->form == Form::character)
      return complain(node.where, say("a value alone says nothing: compare a field with it"));
    while (inner->form == Form::plus) inner = &inner->parts[0];  // changes nothing
    if (inner->form == Form::reference)
      return complain(node.where, say("a value alone says nothing: compare a field with it"));
    if (inner->form == Form::call)
      return complain(node.where, say("a function gives a value: compare it with something"));
    auto made = expression(*inner, nullptr);
    if (!made) return tl::make_unexpected(std::move(made.error()));
    const bool calculated = inner->form == Form::arithmetic || inner->form == Form::minus;
    return leaf(calculated ? Test::Kind::truth : Test::Kind::exists, std::move(*made));
  }

  // The type that a node has by itself; nothing for constants.
  std::optional<Type> type_by_itself(const Node& node) {
    switch (node.form) {
      case Form::raw:
        return Type{Sort::bytes};
      case Form::word:
        if (is_foreign_protocol(node.text)) return Type{Sort::protocol};
        [[fallthrough]];
      case Form::reference:
      case Form::field: {
        const auto* word = parse::find_word(node.text);
        if (word == nullptr) return {};
        return type_of(*word->meanings.front().field);
      }
      case Form::slice:
      case Form::call:
      case Form::layers:
        return Type{};  // not a constant; which type, expression() finds out
      case Form::value:
      case Form::text:
      case Form::character:
        return {};
      default: {
        for (const Node& part : node.parts)
          if (auto type = type_by_itself(part)) return type;
        return {};
      }
    }
  }

  static ValueNames names_of(const Expression& expression) {
    if (expression.kind == Expression::Kind::field)
      return ValueNames{*expression.word->meanings.front().field};
    return {};
  }

  // Both sides of a comparison; the one that has a type by itself gives it to the other.
  Checked<std::pair<Expression, Expression>> sides(const Node& left, const Node& right, bool part) {
    const bool left_first = type_by_itself(left).has_value();
    const Node& first = left_first ? left : right;
    const Node& second = left_first ? right : left;
    if (!type_by_itself(first)) {
      if (left.form == Form::word) return no_such_field(left);
      return complain(left.where, say("one side of a comparison must be a field"));
    }
    auto one = expression(first, nullptr);
    if (!one) {
      // "TCP == ip.proto": a name, not the protocol.
      return tl::make_unexpected(std::move(one.error()));
    }
    const Wanted wanted{one->type, names_of(*one), part};
    auto other = expression(second, &wanted);
    if (!other) return tl::make_unexpected(std::move(other.error()));
    if (auto fitting = fit(*one, *other, second); !fitting)
      return tl::make_unexpected(std::move(fitting.error()));
    if (!left_first) std::swap(*one, *other);
    return std::pair{std::move(*one), std::move(*other)};
  }

  Checked<Test> comparison(const Node& node) {
    auto both = sides(node.parts[0], node.parts[1], false);
    if (!both) return tl::make_unexpected(std::move(both.error()));
    if (both->first.type.sort == Sort::mark)
      return complain(node.parts[0].where, say("the field has no value: write its name alone"));
    Test made{Test::Kind::compare};
    made.operands.push_back(std::move(both->first));
    made.operands.push_back(std::move(both->second));
    made.relation = node.relation;
    made.all =
        node.quantity == Quantity::all || (node.quantity == Quantity::by_relation && node.every);
    return made;
  }

  Checked<Test> contains(const Node& node) {
    const Node& left = node.parts[0];
    auto left_only = expression(left, nullptr);
    if (!left_only) return tl::make_unexpected(std::move(left_only.error()));
    if (!left_only->type.is_string()) return no_text_inside(left, *left_only, "contains");
    auto both = sides(left, node.parts[1], true);
    if (!both) return tl::make_unexpected(std::move(both.error()));
    if (both->first.type.sort != Sort::text) {
      as_bytes(both->first);
      if (both->second.kind == Expression::Kind::constant)
        both->second.type = {Sort::bytes};
      else
        as_bytes(both->second);
    }
    Test made{Test::Kind::contains};
    made.all = node.quantity == Quantity::all;
    made.operands.push_back(std::move(both->first));
    made.operands.push_back(std::move(both->second));
    return made;
  }

  Checked<Test> matches(const Node& node) {
    auto left = expression(node.parts[0], nullptr);
    if (!left) return tl::make_unexpected(std::move(left.error()));
    if (!left->type.is_string()) return no_text_inside(node.parts[0], *left, "matches");
    const Node& pattern = node.parts[1];
    if (pattern.form != Form::text)
      return complain(pattern.where, say("a regular expression stands in double quotes"));
    auto regex = Regex::compile(pattern.text, pattern.where);
    if (!regex) return tl::make_unexpected(std::move(regex.error()));
    if (left->type.sort == Sort::ether) as_bytes(*left);
    Test made = leaf(Test::Kind::matches, std::move(*left));
    made.regex = std::move(*regex);
    made.all = node.quantity == Quantity::all;
    return made;
  }

  Checked<Test> within(const Node& node) {
    const Node& left = node.parts[0];
    if (left.form == Form::slice || left.form == Form::call || left.form == Form::reference)
      return complain(left.where, say("only a field can be looked up in a set"));
    if (is_constant(left.form) && parse::find_word(left.text) == nullptr) {
      if (left.form == Form::word) return no_such_field(left);
      return complain(left.where, say("only a field can be looked up in a set"));
    }
    auto field = expression(left, nullptr);
    if (!field) return tl::make_unexpected(std::move(field.error()));
    const Wanted wanted{field->type, names_of(*field)};
    Test made{Test::Kind::within};
    made.all = node.quantity == Quantity::all;
    made.operands.push_back(std::move(*field));
    for (std::size_t i = 1; i < node.parts.size(); ++i) {
      auto member = expression(node.parts[i], &wanted);
      if (!member) return tl::make_unexpected(std::move(member.error()));
      Expression& first = made.operands.front();
      if (member->kind != Expression::Kind::constant && member->type.sort != first.type.sort &&
          !compatible(first.type, member->type))
        return complain(node.parts[i].where, say("{} cannot be compared with {}",
                                                 name_of(first.type), name_of(member->type)));
      if (auto fitting = fit(first, *member, node.parts[i]); !fitting)
        return tl::make_unexpected(std::move(fitting.error()));
      made.operands.push_back(std::move(*member));
    }
    return made;
  }

  static Expression field(const parse::Word& word) {
    Expression made{Expression::Kind::field, type_of(*word.meanings.front().field)};
    made.word = &word;
    return made;
  }

  // `wanted`: what a constant becomes; none where only a field makes sense.
  Checked<Expression> expression(const Node& node, const Wanted* wanted) {
    switch (node.form) {
      case Form::word:
        return word(node, wanted);
      case Form::field:
        if (const auto* found = parse::find_word(node.text)) return field(*found);
        if (is_foreign_protocol(node.text))
          return Expression{Expression::Kind::nothing, Type{Sort::protocol}};
        return no_such_field(node);
      case Form::raw:
      case Form::reference:
        return of_packet(node);
      case Form::value:
      case Form::text:
      case Form::character:
        if (wanted == nullptr)
          return complain(node.where, say("a field must stand here, not a value"));
        return constant(node, *wanted);
      case Form::group:
        return expression(node.parts[0], wanted);
      case Form::minus:
      case Form::plus:
        return minus(node, wanted);
      case Form::arithmetic:
        return arithmetic(node, wanted);
      case Form::call:
        return call(node);
      case Form::slice:
        return slice(node);
      case Form::layers: {
        auto made = expression(node.parts[0], nullptr);
        if (made) made->ranges = node.ranges;
        return made;
      }
      default:
        return complain(node.where, say("a comparison gives no value to calculate with"));
    }
  }

  // ${field} and @field. There is no chosen packet here: as in tshark, the first has no value.
  static Checked<Expression> of_packet(const Node& node) {
    const auto* found = parse::find_word(node.text);
    if (found == nullptr) return no_such_field(node);
    if (node.form == Form::reference)
      return Expression{Expression::Kind::nothing, type_of(*found->meanings.front().field)};
    Expression made{Expression::Kind::raw, Type{Sort::bytes}};
    made.word = found;
    return made;
  }

  Checked<Expression> word(const Node& node, const Wanted* wanted) {
    if (const auto* found = exact_word(node.text)) return field(*found);
    if (is_foreign_protocol(node.text))
      return Expression{Expression::Kind::nothing, Type{Sort::protocol}};
    const auto* found = parse::find_word(node.text);
    if (wanted == nullptr) {
      if (found == nullptr) return no_such_field(node);
      return field(*found);
    }
    auto made = constant(node, *wanted);
    if (made) return made;
    if (found != nullptr) return field(*found);
    if (node.text.find('.') != node.text.npos && !parse::nearest_word(node.text).empty())
      return no_such_field(node);
    return made;
  }

  static Checked<Expression> constant(const Node& node, const Wanted& wanted) {
    auto value = constant_of(node, wanted.type, wanted.names, wanted.part);
    if (!value) return tl::make_unexpected(std::move(value.error()));
    Expression made{Expression::Kind::constant, wanted.type};
    made.constant = std::move(*value);
    return made;
  }

  Checked<Expression> minus(const Node& node, const Wanted* wanted) {
    const char sign = node.form == Form::minus ? '-' : '+';
    auto inner = expression(node.parts[0], wanted);
    if (!inner) return inner;
    if (sign == '+') return inner;
    if (!inner->type.is_calculable(sign)) return not_calculable(node.parts[0], inner->type, sign);
    if (inner->kind == Expression::Kind::constant) {
      inner->constant.value.number = -inner->constant.value.number;
      return inner;
    }
    Expression made{Expression::Kind::minus, inner->type};
    made.parts.push_back(std::move(*inner));
    return made;
  }

  Checked<Expression> arithmetic(const Node& node, const Wanted* wanted) {
    const Node& left = node.parts[0];
    const Node& right = node.parts[1];
    for (const Node& part : node.parts)
      if (part.form == Form::text || part.form == Form::character)
        return complain(part.where, say("a text cannot be calculated with"));
    const bool left_first = wanted != nullptr || type_by_itself(left).has_value();
    const Node& first = left_first ? left : right;
    if (!left_first && !type_by_itself(right))
      return complain(node.where, say("a calculation needs a field"));
    auto one = expression(first, wanted);
    if (!one) return one;
    const Wanted same{one->type, {}};
    auto other = expression(left_first ? right : left, &same);
    if (!other) return other;
    for (const auto* side : {&*one, &*other})
      if (!side->type.is_calculable(node.sign))
        return not_calculable((side == &*one) == left_first ? left : right, side->type, node.sign);
    if (auto fitting = fit(*one, *other, left_first ? right : left); !fitting)
      return tl::make_unexpected(std::move(fitting.error()));
    Expression made{Expression::Kind::arithmetic, one->type};
    made.sign = node.sign;
    if (!left_first) std::swap(*one, *other);
    made.parts.push_back(std::move(*one));
    made.parts.push_back(std::move(*other));
    return made;
  }

  Checked<Expression> call(const Node& node) {
    const FunctionRow* row = find_function(node.text);
    if (row == nullptr) {
      const Where name{node.where.at, node.where.at + node.text.size()};
      if (const auto near = nearest_function(node.text); !near.empty())
        return complain(name,
                        say("there is no function \"{}\": did you mean {}?", node.text, near));
      if (parse::find_word(node.text) != nullptr)
        return complain({name.end, name.end + 1},
                        say("an operator is missing before this bracket"));
      return complain(name, say("there is no function \"{}\"; there are lower, upper, len, count, "
                                "string, max, min, abs, vals, dec, hex",
                                node.text));
    }
    if (node.parts.size() < row->least || node.parts.size() > row->most)
      return complain(node.where, say("{}() takes another number of arguments", row->name));
    Expression made{Expression::Kind::call};
    made.function = row->function;
    std::optional<Wanted> wanted;
    for (const Node& part : node.parts) {
      auto argument = expression(part, wanted ? &*wanted : nullptr);
      if (!argument) return argument;
      if (!wanted) wanted = Wanted{argument->type, names_of(*argument)};
      made.parts.push_back(std::move(*argument));
    }
    auto type = type_of_call(*row, made.parts, node);
    if (!type) return tl::make_unexpected(std::move(type.error()));
    made.type = *type;
    return made;
  }

  Checked<Expression> slice(const Node& node) {
    auto inner = expression(node.parts[0], nullptr);
    if (!inner) return inner;
    if (!inner->type.has_bytes() || inner->kind == Expression::Kind::nothing)
      return complain(node.where, say("only bytes, texts and addresses have parts, and this is {}",
                                      name_of(inner->type)));
    Expression made{Expression::Kind::slice, Type{Sort::bytes}};
    made.ranges = node.ranges;
    made.parts.push_back(std::move(*inner));
    return made;
  }
};

}  // namespace

Checked<Test> check(const Node& node) { return Checker{}.test(node); }

}  // namespace trama::filter
