// The functions of the language, one row each: what they take and what they give.
#pragma once
#include "packet/filter/program.h"

namespace trama::filter {

struct FunctionRow {
  std::string_view name;
  Function function;
  u8 least, most;  // arguments; 255: any number
};

const FunctionRow* find_function(std::string_view name);
std::string_view nearest_function(std::string_view name);

// The type of a call, or what is wrong with its arguments; `where` are the arguments' places.
Checked<Type> type_of_call(const FunctionRow& row, const std::vector<Expression>& arguments,
                           const Node& call);

class Scratch;
// Replaces the values from `from` on the scratch's stack (the arguments') by the function's.
void apply(const Expression& call, Scratch& scratch, std::size_t from);

}  // namespace trama::filter
