// A filter in words: what it keeps, part by part, and what people often mean differently.
#pragma once
#include <string>
#include <vector>

#include "packet/filter/ast.h"
#include "packet/parse/words.h"

namespace trama::filter {

struct Part {
  Where where;     // in the filter's text
  unsigned depth;  // 0: the whole
  std::string says;
};

struct Warning {
  Where where;
  std::string_view kind;  // for JSON, never translated: "differs", "exists", "mixed", ...
  std::string says;
};

struct Meanings {
  std::vector<Part> parts;
  std::vector<Warning> warnings;
};

// `node`: of a text that check() accepts; `text` is that text.
Meanings meanings_of(const Node& node, std::string_view text);

// warnings.cpp: of one node, not of its parts.
void warn(const Node& node, std::string_view text, std::vector<Warning>& warnings);

// The field that a node names; nullptr where it is none.
const parse::Word* word_of(const Node& node);

}  // namespace trama::filter
