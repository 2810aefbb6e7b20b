// Gives a parsed filter its meaning: words become fields, constants typed values; what tshark 4.0
// refuses is refused, with the place and what to write instead. Accepted beyond it: field words in
// any case, true and false, a constant on the left.
#pragma once
#include "packet/filter/program.h"

namespace trama::filter {

Checked<Test> check(const Node& node);

}  // namespace trama::filter
