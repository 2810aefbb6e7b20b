#include "packet/filter/evaluate.h"

#include <algorithm>
#include <cstring>

#include "packet/filter/functions.h"

namespace trama::filter {
namespace {

// A calculation over words of several values has as many results as there are pairs; beyond this
// many a hostile filter gets no more.
constexpr std::size_t most_values = 1024;

// In Wireshark most protocols are their header alone; these few end where their payload does.
u32 head_of(const dissect::Layer& layer) {
  constexpr std::string_view whole[] = {"frame", "tcp",  "icmp", "icmpv6", "gre",
                                        "ppp",   "data", "llc",  "igmp"};
  const bool all =
      std::find(std::begin(whole), std::end(whole), layer.header->word) != std::end(whole);
  return all ? 0 : layer.header_length;
}

// What 32-bit numbers hold, signed and unsigned; results outside do not exist.
constexpr i64 lowest = -(i64{1} << 31);
constexpr i64 highest = (i64{1} << 32) - 1;

class Evaluation {
 public:
  Evaluation(const dissect::Tree& tree, Scratch& scratch) : tree_(tree), scratch_(scratch) {}

  bool holds(const Test& test) {
    const auto inner = [this](const Test& part) { return holds(part); };
    switch (test.kind) {
      case Test::Kind::both:
        return std::all_of(test.parts.begin(), test.parts.end(), inner);
      case Test::Kind::either:
        return std::any_of(test.parts.begin(), test.parts.end(), inner);
      case Test::Kind::differing:
        return std::count_if(test.parts.begin(), test.parts.end(), inner) % 2 == 1;
      case Test::Kind::negated:
        return !holds(test.parts.front());
      default:
        break;
    }
    scratch_.clear();
    const Expression& operand = test.operands.front();
    if (test.kind == Test::Kind::exists && is_plain_field(operand)) return there(operand);
    values(operand);
    const std::size_t count = scratch_.stack.size();
    if (count == 0) return false;
    switch (test.kind) {
      case Test::Kind::exists:
        return true;
      case Test::Kind::truth:
        return std::any_of(scratch_.stack.begin(), scratch_.stack.end(), is_not_zero);
      case Test::Kind::matches:
        return quantified(test.all, 0, count,
                          [&](const Value& value) { return test.regex->found_in(value.bytes()); });
      case Test::Kind::within:
        return within(test, count);
      default:
        return pairs(test, count);
    }
  }

 private:
  template <class Holds>
  [[nodiscard]] bool quantified(bool all, std::size_t from, std::size_t to, Holds&& holds) const {
    const auto begin = scratch_.stack.begin();
    const auto first = begin + static_cast<std::ptrdiff_t>(from);
    const auto last = begin + static_cast<std::ptrdiff_t>(to);
    return all ? std::all_of(first, last, holds) : std::any_of(first, last, holds);
  }

  static bool is_not_zero(const Value& value) {
    return value.number != 0 ||
           std::any_of(value.data, value.data + value.size, [](u8 byte) { return byte != 0; });
  }

  [[nodiscard]] static bool means(const Expression& field, const wire::Field* row) {
    return std::any_of(field.word->meanings.begin(), field.word->meanings.end(),
                       [&](const parse::Meaning& meaning) { return meaning.field == row; });
  }

  [[nodiscard]] bool there(const Expression& field) const {
    const auto rows = tree_.rows();
    return std::any_of(rows.begin(), rows.end(),
                       [&](const dissect::Row& row) { return means(field, row.field); });
  }

  bool within(const Test& test, std::size_t count) {
    const Sort sort = test.operands.front().type.sort;
    for (std::size_t i = 1; i < test.operands.size(); ++i) values(test.operands[i], true);
    const auto is_member = [&](const Value& value) {
      // values(…, true) pushed a count before each member's values.
      const auto& stack = scratch_.stack;
      for (std::size_t at = count; at < stack.size();) {
        const std::size_t lows = at + 1;
        const std::size_t middle = lows + static_cast<std::size_t>(stack[at].number);
        const std::size_t highs = middle + 1;
        const std::size_t end = highs + static_cast<std::size_t>(stack[middle].number);
        const auto above = [&](const Value& low) {
          return fulfils(Relation::greater_equal, compare(sort, value, low));
        };
        const auto below = [&](const Value& high) {
          return fulfils(Relation::less_equal, compare(sort, value, high));
        };
        if (quantified(false, lows, middle, above) && quantified(false, highs, end, below))
          return true;
        at = end;
      }
      return false;
    };
    return quantified(test.all, 0, count, is_member);
  }

  // Compare and contains: every value on the left with every one on the right.
  bool pairs(const Test& test, std::size_t count) {
    values(test.operands[1]);
    const std::size_t end = scratch_.stack.size();
    if (end == count) return false;
    const Sort sort = common_sort(test);
    return quantified(test.all, 0, count, [&](const Value& left) {
      return quantified(test.all, count, end, [&](const Value& right) {
        if (test.kind == Test::Kind::contains) return contains(test, left, right);
        return fulfils(test.relation, compare(sort, left, right));
      });
    });
  }

  static Sort common_sort(const Test& test) {
    return test.operands[0].kind == Expression::Kind::constant ? test.operands[1].type.sort
                                                               : test.operands[0].type.sort;
  }

  static bool contains(const Test& test, const Value& whole, const Value& part) {
    if (part.size == 0) {  // as tshark: only plain bytes contain nothing
      const Expression& left = test.operands.front();
      return left.kind != Expression::Kind::bytes && left.type.sort == Sort::bytes;
    }
    return whole.size >= part.size &&
           memmem(whole.data, whole.size, part.data, part.size) != nullptr;
  }

  // Pushes the expression's values; `counted`: their number before them.
  void values(const Expression& expression, bool counted = false) {
    auto& stack = scratch_.stack;
    const std::size_t from = stack.size();
    if (counted) stack.emplace_back();
    const std::size_t first = stack.size();
    switch (expression.kind) {
      case Expression::Kind::constant:
        stack.push_back(expression.constant.view());
        break;
      case Expression::Kind::field:
        field(expression);
        break;
      case Expression::Kind::raw:
        raw(expression);
        break;
      case Expression::Kind::nothing:
        break;
      case Expression::Kind::call:
        for (const Expression& part : expression.parts) values(part);
        apply(expression, scratch_, first);
        break;
      case Expression::Kind::bytes:
        values(expression.parts.front());
        for (std::size_t i = first; i < stack.size(); ++i)
          to_bytes(expression.parts.front().type.sort, stack[i]);
        break;
      case Expression::Kind::slice:
        values(expression.parts.front());
        slice(expression, first);
        break;
      case Expression::Kind::minus:
        values(expression.parts.front());
        for (std::size_t i = first; i < stack.size(); ++i) stack[i].number = -stack[i].number;
        break;
      case Expression::Kind::arithmetic:
        arithmetic(expression);
        break;
    }
    if (counted) stack[from].number = static_cast<i64>(stack.size() - first);
  }

  void field(const Expression& expression) {
    const Sort sort = expression.type.sort;
    for (const dissect::Row& row : tree_.rows()) {
      if (!means(expression, row.field)) continue;
      if (!expression.ranges.empty() && !in_layers(expression.ranges, row.layer)) continue;
      Value value;
      if (row.data != nullptr) {
        value.data = row.data;
        value.size = row.size;
        if (sort == Sort::protocol) value.head = head_of(tree_.layers()[row.layer]);
      } else {
        value.number = static_cast<i64>(row.value);
        if (sort == Sort::boolean) value.number = row.value != 0 ? 1 : 0;
      }
      if (sort == Sort::ipv6 && value.size != 16) continue;
      scratch_.stack.push_back(value);
    }
  }

  // Where a field stands in the packet, as bytes; what stands nowhere in it has none.
  void raw(const Expression& expression) {
    const Bytes packet{tree_.rows().front().data, tree_.rows().front().size};
    for (const dissect::Row& row : tree_.rows()) {
      if (!means(expression, row.field)) continue;
      if (!expression.ranges.empty() && !in_layers(expression.ranges, row.layer)) continue;
      if (row.length == 0 || row.at > packet.size() || row.length > packet.size() - row.at)
        continue;
      scratch_.stack.push_back({.data = packet.data() + row.at, .size = row.length});
    }
  }

  // Layers of one protocol count from 1, the outermost.
  [[nodiscard]] bool in_layers(const std::vector<Range>& ranges, u16 layer) const {
    const auto layers = tree_.layers();
    i64 number = 0;
    i64 all = 0;
    for (std::size_t i = 0; i < layers.size(); ++i)
      if (layers[i].header == layers[layer].header) {
        ++all;
        if (i <= layer) ++number;
      }
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
      const i64 from = range.start < 0 ? all + 1 + range.start : range.start;
      switch (range.form) {
        case Range::Form::length:
          return number >= from && number < from + range.end;
        case Range::Form::until:
          return number >= from && number <= (range.end < 0 ? all + 1 + range.end : range.end);
        case Range::Form::to_end:
          return number >= from;
      }
      return false;
    });
  }

  void to_bytes(Sort sort, Value& value) {
    const unsigned count = sort == Sort::ether ? 6 : sort == Sort::ipv4 ? 4 : 0;
    if (count == 0 || value.data != nullptr) return;
    std::string& text = scratch_.text();
    for (unsigned left = count; left > 0; --left)
      text += static_cast<char>(value.number >> (8 * (left - 1)));
    value = {.data = reinterpret_cast<const u8*>(text.data()), .size = count};
  }

  void slice(const Expression& expression, std::size_t first) {
    auto& stack = scratch_.stack;
    std::size_t kept = first;
    for (std::size_t i = first; i < stack.size(); ++i) {
      Value value = stack[i];
      to_bytes(expression.parts.front().type.sort, value);
      if (expression.ranges.size() == 1) {
        const auto place = expression.ranges.front().within(value.length());
        if (!place) continue;
        value.data += place->first;
        value.head = 0;
        value.size = static_cast<u32>(place->second);
      } else {
        std::string& text = scratch_.text();
        for (const Range& range : expression.ranges)
          if (const auto place = range.within(value.length()))
            text.append(value.text().substr(place->first, place->second));
        if (text.empty()) continue;
        value.data = reinterpret_cast<const u8*>(text.data());
        value.head = 0;
        value.size = static_cast<u32>(text.size());
      }
      stack[kept++] = value;
    }
    stack.resize(kept);
  }

  void arithmetic(const Expression& expression) {
    auto& stack = scratch_.stack;
    const std::size_t left = stack.size();
    values(expression.parts[0]);
    const std::size_t right = stack.size();
    values(expression.parts[1]);
    const std::size_t end = stack.size();
    for (std::size_t i = left; i < right; ++i)
      for (std::size_t k = right; k < end && stack.size() - end < most_values; ++k) {
        const Value a = stack[i];
        const Value b = stack[k];
        calculate(expression, a, b);
      }
    stack.erase(stack.begin() + static_cast<std::ptrdiff_t>(left),
                stack.begin() + static_cast<std::ptrdiff_t>(end));
  }

  // Pushes the result where there is one: no overflow, no division by zero.
  void calculate(const Expression& expression, const Value& a, const Value& b) {
    const Type type = expression.type;
    if (!type.is_number() && type.sort != Sort::seconds) return bitwise(type.sort, a, b);
    i64 result = 0;
    bool lost = false;
    i64 right = b.number;
    // tshark multiplies and divides unsigned numbers as they are stored.
    if (type.sort == Sort::unsigned_number && right < 0 && a.number >= 0 &&
        (expression.sign == '*' || expression.sign == '/' || expression.sign == '%'))
      right += highest + 1;
    switch (expression.sign) {
      case '+':
        lost = __builtin_add_overflow(a.number, right, &result);
        break;
      case '-':
        lost = __builtin_sub_overflow(a.number, right, &result);
        break;
      case '*':
        lost = __builtin_mul_overflow(a.number, right, &result);
        break;
      case '/':
      case '%':
        if (right == 0 || (right == -1 && a.number == std::numeric_limits<i64>::min())) return;
        result = expression.sign == '/' ? a.number / right : a.number % right;
        break;
      default:
        result = a.number & right;
    }
    if (type.is_number() && type.bits <= 32) lost = lost || result < lowest || result > highest;
    if (!lost) scratch_.push_number(result);
  }

  void bitwise(Sort sort, Value a, Value b) {
    if (sort == Sort::ether || sort == Sort::ipv4) return scratch_.push_number(a.number & b.number);
    const u32 size = std::min(a.size, b.size);
    std::string& text = scratch_.text();
    for (u32 i = 0; i < size; ++i) text += static_cast<char>(a.data[i] & b.data[i]);
    scratch_.push_bytes(text);
  }

  const dissect::Tree& tree_;
  Scratch& scratch_;
};

}  // namespace

bool holds(const Test& test, const dissect::Tree& tree, Scratch& scratch) {
  return Evaluation{tree, scratch}.holds(test);
}

}  // namespace trama::filter
