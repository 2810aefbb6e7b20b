// Cuts a filter's text into tokens, as tshark 4.0 does: "68-1" and "frame.len-8" are one word each,
// "frame.len*2" is three tokens, "aa:bb:cc" and "10.0.0.0/8" are values.
#pragma once
#include "packet/filter/ast.h"

namespace trama::filter {

enum class Kind : u8 {
  end,
  word,
  field,
  value,
  text,
  character,
  ranges,  // "[0:2]", read whole
  number,  // "#2" or "#[1-2]": numbers of layers, read whole
  open,    // (
  close,
  open_set,  // {
  close_set,
  comma,
  dots,
  both,
  either,
  differing,
  negated,
  any,
  all,
  in,
  contains,
  matches,
  relation,
  sign,       // + - * / % &
  reference,  // ${field}, the layers as ranges
  raw,        // @field
};

struct Token {
  Kind kind;
  Where where;
  std::string text;  // escapes resolved; of ranges: what stood there
  std::vector<Range> ranges = {};
  Relation relation = Relation::equal;
  bool every = false;
  char sign = 0;
  bool raw = false;  // r"..."
};

// All tokens, the last one of kind `end`. Complains of what starts no token, an open quote, a wrong
// escape or range.
Checked<std::vector<Token>> tokens_of(std::string_view text);

// One UTF-8 character (RFC 3629); values beyond Unicode become U+FFFD.
void append_utf8(std::string& out, u32 character);

}  // namespace trama::filter
