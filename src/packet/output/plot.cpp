#include "packet/output/plot.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/bytes.h"

namespace trama::output {
namespace {

constexpr unsigned left = 9;    // columns of the labels at the left, the axis not included
constexpr unsigned around = 4;  // rows beside canvas and legend: title, axis, labels, name
constexpr unsigned dots_wide = 2, dots_high = 4;  // of a Braille character

// Characters with dots: the newest series that has a dot in a cell gives its colour.
class Canvas {
 public:
  Canvas(unsigned columns, unsigned rows, bool braille)
      : braille_(braille), columns_(columns), rows_(rows), cells_(std::size_t{columns} * rows) {}

  [[nodiscard]] unsigned wide() const { return braille_ ? columns_ * dots_wide : columns_; }
  [[nodiscard]] unsigned high() const { return braille_ ? rows_ * dots_high : rows_; }

  // From the left and from the bottom.
  void dot(unsigned x, unsigned y, u8 series) {
    if (x >= wide() || y >= high()) return;
    y = high() - 1 - y;
    const unsigned across = braille_ ? dots_wide : 1;
    const unsigned down = braille_ ? dots_high : 1;
    Cell& cell = cells_[std::size_t{y / down} * columns_ + x / across];
    // Unicode numbers the dots of a Braille pattern by columns, the lowest row last.
    constexpr u8 bits[dots_high][dots_wide] = {
        {0x01, 0x08},
        {0x02, 0x10},
        {0x04, 0x20},
        {0x40, 0x80}
    };
    cell.dots |= braille_ ? bits[y % down][x % across] : u8{1};
    cell.series = series;
  }

  void line(double x0, double y0, double x1, double y1, u8 series) {
    const double steps = std::ceil(std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0}));
    for (double i = 0; i <= steps; ++i)
      dot(static_cast<unsigned>(std::lround(x0 + (x1 - x0) * i / steps)),
          static_cast<unsigned>(std::lround(y0 + (y1 - y0) * i / steps)), series);
  }

  [[nodiscard]] std::string row(unsigned number, const Plot& plot, const Terminal& terminal) const {
    std::string text;
    for (unsigned x = 0; x < columns_; ++x) {
      const Cell& cell = cells_[std::size_t{number} * columns_ + x];
      if (cell.dots == 0) {
        text += ' ';
        continue;
      }
      const Series& series = plot.series[cell.series];
      std::string mark{terminal.utf8 ? series.mark : series.plain_mark};
      if (braille_)  // U+2800 and the dots, in UTF-8
        mark = {'\xe2', static_cast<char>(0xa0 | cell.dots >> 6),
                static_cast<char>(0x80 | (cell.dots & 0x3f))};
      text += terminal.paint(series.colour, mark);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

 private:
  struct Cell {
    u8 dots = 0, series = 0;
  };
  bool braille_;
  unsigned columns_, rows_;
  std::vector<Cell> cells_;
};

// 1, 2 or 5 times a power of ten: so that `span` has at most `most` steps.
double nice_step(double span, unsigned most) {
  const double rough = span / most;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999999) return factor * power;
  return 10 * power;
}

std::string label(double value, double step) {
  const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  return fmt::format("{:.{}f}", value == 0 ? 0.0 : value, std::clamp(decimals, 0, 9));
}

struct Bounds {
  double low_x = std::numeric_limits<double>::max(), high_x = -low_x, high_y = 0;
};

Bounds bounds_of(const Plot& plot) {
  Bounds bounds;
  for (const Series& series : plot.series)
    for (const auto& [x, y] : series.points) {
      bounds.low_x = std::min(bounds.low_x, x);
      bounds.high_x = std::max(bounds.high_x, x);
      bounds.high_y = std::max(bounds.high_y, y);
    }
  if (bounds.high_x < bounds.low_x) bounds.low_x = bounds.high_x = 0;
  return bounds;
}

// The longest start of the text that fits so many columns.
std::string_view fitted(std::string_view text, unsigned columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    const unsigned more = std::max(1U, utf8_length(text.substr(end)));
    if (width(text.substr(0, end + more)) > columns) break;
    end += more;
  }
  return text.substr(0, end);
}

// What the upright axis counts, then each series with its mark; on so many lines as they need.
std::vector<std::string> legend_of(const Plot& plot, const Unit& unit, const Terminal& terminal,
                                   bool braille, unsigned columns) {
  std::vector<std::string> lines{terminal.spell(fmt::format("{} ({})", plot.y_name, unit.name))};
  unsigned used = width(lines.back());
  for (const Series& series : plot.series) {
    if (series.points.empty()) continue;
    const std::string_view mark = braille         ? std::string_view{"⣿"}
                                  : terminal.utf8 ? series.mark
                                                  : series.plain_mark;
    const std::string name = terminal.spell(series.name);
    const unsigned more = 2 + 2 + width(name);
    if (used + more > columns) {
      lines.emplace_back();
      used = 0;
    }
    lines.back() += fmt::format("  {} {}", terminal.paint(series.colour, mark), name);
    used += more;
  }
  return lines;
}

// The tick marks below the canvas and their labels.
std::string x_axis(const Bounds& bounds, const Unit& unit, unsigned wide,
                   const Terminal& terminal) {
  const double low = bounds.low_x / unit.size;
  const double span = std::max((bounds.high_x - bounds.low_x) / unit.size, 1e-9);
  const double step = nice_step(span, std::max(2U, wide / 12));
  std::string axis(wide, '-');
  std::string labels(left + 1, ' ');
  std::vector<unsigned> ticks;
  const double first = std::ceil(low / step) * step;
  for (unsigned i = 0; i <= wide && first + i * step <= low + span * 1.0000001; ++i) {
    const double tick = first + i * step;
    const auto at = static_cast<unsigned>(std::lround((tick - low) / span * (wide - 1)));
    const std::string text = label(tick, step);
    const std::size_t start = left + 1 + at - std::min<std::size_t>(at, text.size() / 2);
    if (start < labels.size() && labels.size() > left + 1) continue;
    if (start + text.size() > left + 1 + wide) break;
    labels.resize(std::max(labels.size(), start), ' ');
    labels += text + ' ';
    ticks.push_back(at);
  }
  for (const unsigned at : ticks) axis[at] = '+';
  while (labels.ends_with(' ')) labels.pop_back();
  std::string drawn = terminal.utf8 ? "└" : "+";
  for (const char c : axis) drawn += !terminal.utf8 ? std::string{c} : c == '+' ? "┬" : "─";
  return std::string(left, ' ') + drawn + '\n' + labels + '\n';
}

}  // namespace

Unit unit_for(double most, const std::vector<Unit>& units) {
  Unit chosen = units.front();
  for (const Unit& unit : units)
    if (most >= unit.size) chosen = unit;
  return chosen;
}

std::string draw(const Plot& plot, const Terminal& terminal, unsigned columns, unsigned rows) {
  columns = std::max(columns, 40U);
  rows = std::max(rows, 10U);
  const auto shown = std::count_if(plot.series.begin(), plot.series.end(),
                                   [](const Series& series) { return !series.points.empty(); });
  const bool braille = terminal.utf8 && (terminal.colour || shown == 1);
  const Bounds bounds = bounds_of(plot);
  const double span = std::max(bounds.high_x - bounds.low_x, 1e-9);
  const Unit y_unit = unit_for(bounds.high_y, plot.y_units);
  const auto legend = legend_of(plot, y_unit, terminal, braille, columns);
  const unsigned high = rows - std::min(rows - 4, around + static_cast<unsigned>(legend.size()));
  Canvas canvas{columns - left - 1, high, braille};
  const Unit x_unit = unit_for(span, plot.x_units);
  const double top = std::max(bounds.high_y / y_unit.size, 1e-9);
  const double step = nice_step(top, std::max(2U, high / 4));
  const double ceiling = std::ceil(top / step * 0.999999) * step;
  for (u8 i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    const Series::Point* before = nullptr;
    const auto x = [&](const Series::Point& p) {
      return (p.x - bounds.low_x) / span * (canvas.wide() - 1);
    };
    const auto y = [&](const Series::Point& p) {
      return std::max(0.0, p.y / y_unit.size / ceiling * (canvas.high() - 1));
    };
    for (const Series::Point& point : series.points) {
      if (series.joined && before != nullptr)
        canvas.line(x(*before), y(*before), x(point), y(point), i);
      else
        canvas.dot(static_cast<unsigned>(std::lround(x(point))),
                   static_cast<unsigned>(std::lround(y(point))), i);
      before = &point;
    }
  }
  const std::string title = terminal.spell(plot.title);
  std::string text = terminal.paint(Colour::bold, fitted(title, columns)) + '\n';
  for (const auto& line : legend) text += line + '\n';
  std::vector<std::string> labels(high);
  for (double tick = 0; tick <= ceiling * 1.0000001; tick += step) {
    const auto at = static_cast<unsigned>(std::lround(tick / ceiling * (high - 1)));
    labels[high - 1 - std::min(at, high - 1)] = label(tick, step);
  }
  for (unsigned row = 0; row < high; ++row)
    text += fmt::format("{} {}{}\n", padded_left(labels[row], left - 1),
                        !terminal.utf8        ? "|"
                        : labels[row].empty() ? "│"
                                              : "┤",
                        canvas.row(row, plot, terminal));
  return text + x_axis(bounds, x_unit, columns - left - 1, terminal) +
         terminal.spell(fmt::format("{} ({})", plot.x_name, x_unit.name)) + '\n';
}

}  // namespace trama::output
