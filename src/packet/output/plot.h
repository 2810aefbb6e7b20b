// A graph drawn with characters: points of several series against two axes. Where the terminal has
// colours, eight dots of Braille a character, each series in its colour; else a mark a character.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/terminal.h"

namespace trama::output {

struct Series {
  std::string name;  // for the legend
  Colour colour = Colour::plain;
  std::string_view mark, plain_mark;  // of one column each: UTF-8 and ASCII
  bool joined = false;                // points are joined by lines, in their order
  struct Point {
    double x, y;
  };
  std::vector<Point> points;
};

// A unit and how many of the values' own units it is.
struct Unit {
  double size = 1;
  std::string_view name;
};
// The largest unit of which `most` has at least one; the first if there is none.
Unit unit_for(double most, const std::vector<Unit>& units);

struct Plot {
  std::string title;
  std::vector<Series> series;          // the later lie above the earlier
  std::string x_name, y_name;          // what the axes count
  std::vector<Unit> x_units, y_units;  // smallest first
};

// The lines, each with its newline; never wider or higher than asked (but at least 40 by 10).
std::string draw(const Plot& plot, const Terminal& terminal, unsigned columns, unsigned rows);

}  // namespace trama::output
