// The slow and complete path: one packet's tree against a checked filter, with Wireshark's rules
// for words that have several values, or none (then every comparison is false).
#pragma once
#include "packet/dissect/tree.h"
#include "packet/filter/program.h"
#include "packet/filter/scratch.h"

namespace trama::filter {

bool holds(const Test& test, const dissect::Tree& tree, Scratch& scratch);

// True where the relation holds for an order that compare() gave.
constexpr bool fulfils(Relation relation, int order) {
  switch (relation) {
    case Relation::equal:
      return order == 0;
    case Relation::differ:
      return order != 0;
    case Relation::greater:
      return order == 1;
    case Relation::greater_equal:
      return order == 0 || order == 1;
    case Relation::less:
      return order == -1;
    case Relation::less_equal:
      return order == 0 || order == -1;
  }
  return false;
}

}  // namespace trama::filter
