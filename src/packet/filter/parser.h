// Reads a filter's text into a tree (ast.h). The grammar is tshark 4.0's, and what it adds: upper
// case AND, OR, NOT, XOR. Loosest first: or, xor, and, not, comparison, &, + -, * / %, minus.
#pragma once
#include "packet/filter/ast.h"

namespace trama::filter {

// A filter's text may be so long, and nest so deep: hostile ones end here, no real one does.
inline constexpr std::size_t longest_text = 65536;
inline constexpr unsigned deepest_nesting = 200;
inline constexpr unsigned most_calculations = 1000;

// The tree; nothing for a text without any token, which keeps every packet. Complaints say what was
// expected where.
Checked<std::optional<Node>> parse_text(std::string_view text);

}  // namespace trama::filter
