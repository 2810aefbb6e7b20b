// Graphs as SVG: axes with round numbers, a legend, points that say what they are.
#pragma once
#include <string>
#include <vector>

namespace trama::report {

struct Dot {
  double x = 0, y = 0;
  bool marked = false;
};

struct Series {
  std::string name;
  std::string_view style;  // a class of the page: "tcp", "udp", "a", "b"
  std::vector<Dot> dots;
  enum class Form { line, points, bars } form = Form::line;
  double bar = 0;  // width of a bar, in x's unit
};

struct Graph {
  std::string title, x_axis, y_axis;
  std::vector<Series> series;
};

// An <svg> element; its text is made safe here.
std::string svg_of(const Graph& graph);

// The largest of 1, 2, 5 times a power of ten that is not above `span` / `parts`; 1 for nothing.
double round_step(double span, unsigned parts);

}  // namespace trama::report
