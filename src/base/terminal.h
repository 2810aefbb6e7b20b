// What the reader's terminal can show: colours, UTF-8, width; and text made safe for it.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trama {

enum class Colour { plain, bold, dim, red, green, yellow, blue, magenta, cyan };

struct Terminal {
  bool colour = false;    // a terminal, TERM not dumb, NO_COLOR unset or empty
  bool utf8 = false;      // the locale's character set; else arrows and dots are drawn in ASCII
  bool is_tty = false;    // a person looks; else a pipe or a file
  unsigned columns = 80;  // width, from the terminal or COLUMNS
  unsigned rows = 24;     // height, from the terminal or LINES

  // Arrows and middle dots of our own texts as ASCII where the terminal has no UTF-8.
  [[nodiscard]] std::string spell(std::string_view text) const;
  // Wraps text in the colour's escape sequence where colours are on.
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
};

// Asks the descriptor and the environment.
Terminal terminal_of(int fd);

// Text from the network or another program, made harmless for a terminal and for one line: control
// bytes and bytes that are no UTF-8 become \n, \r, \t, \xNN; bidirectional marks too.
std::string harmless(std::string_view text);
void append_harmless(std::string& out, std::string_view text);
// How many of the first bytes are printable ASCII: most text is that to its end, and needs no look
// at each character.
std::size_t plain_length(std::string_view text);

// The columns that UTF-8 text takes on a terminal: one a code point, none for combining marks,
// two for East Asian wide ones.
unsigned width(std::string_view text);

// Appends spaces up to so many columns; never cuts.
std::string padded(std::string_view text, unsigned columns);
std::string padded_left(std::string_view text, unsigned columns);

// The next code point's bytes in UTF-8 text, 0 where the text does not start with a valid one.
unsigned utf8_length(std::string_view text);

}  // namespace trama
