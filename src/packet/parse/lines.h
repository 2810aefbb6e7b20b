// Lines of text protocols, as tshark cuts them: a line ends with LF, CR LF or CR.
#pragma once
#include <string_view>

#include "packet/parse/message.h"

namespace trama::parse {

struct Line {
  u32 at = 0, size = 0;  // without its end
  u32 next = 0;          // where the next one starts
  bool ended = false;    // its end is here; else it is what is left
};

// The line at `at`. A CR as the very last byte at hand ends no line: LF may follow.
Line line_at(const Message& message, u32 at);

// What stands up to the next blank; `text` becomes what follows the blanks after it.
std::string_view take_word(std::string_view& text);
// Upper and lower case of ASCII are the same.
bool same_word(std::string_view a, std::string_view b);

}  // namespace trama::parse
