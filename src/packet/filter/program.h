// A filter after checking: words are fields, constants have types, every test is known to make
// sense. Made by check.h, run by evaluate.h (one packet's tree) and batch.h (64 packets at once).
#pragma once
#include <optional>

#include "packet/filter/ast.h"
#include "packet/filter/literals.h"
#include "packet/filter/regex.h"
#include "packet/filter/values.h"
#include "packet/parse/words.h"

namespace trama::filter {

enum class Function : u8 {
  lower,
  upper,
  length,
  count,
  string,
  largest,
  smallest,
  absolute,
  names,
  decimal,
  hexadecimal
};

struct Expression {
  enum class Kind : u8 {
    field,
    constant,
    slice,
    call,
    arithmetic,
    minus,
    bytes,
    raw,      // a field's bytes as they stand in the packet
    nothing,  // has no value: what a packet could give that nobody chose, a protocol nobody reads
  };
  Kind kind = Kind::constant;
  Type type = {};
  const parse::Word* word = nullptr;  // of a field
  std::vector<Range> ranges = {};     // of a slice; of a field: its layers
  Constant constant = {};
  Function function{};
  char sign = 0;
  std::vector<Expression> parts = {};
};

struct Test {
  enum class Kind : u8 {
    both,
    either,
    differing,
    negated,
    exists,   // the operand has a value
    truth,    // the operand has a value that is not zero
    compare,  // two operands
    contains,
    matches,  // one operand and `regex`
    within,   // an operand, then low and high ends of the set's members
  };
  Kind kind = Kind::exists;
  std::vector<Test> parts = {};
  std::vector<Expression> operands = {};
  Relation relation = Relation::equal;
  bool all = false;  // every value must fulfil it
  std::optional<Regex> regex = {};
};

// The field alone, all layers: what tables may answer.
inline bool is_plain_field(const Expression& expression) {
  return expression.kind == Expression::Kind::field && expression.ranges.empty();
}

}  // namespace trama::filter
