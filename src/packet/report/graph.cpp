#include "packet/report/graph.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/markup.h"

namespace trama::report {
namespace {

// Of the drawing, in its own units.
constexpr double width = 720, height = 240, left = 64, right = 12, top = 12, bottom = 40;

struct Scale {
  double most_x = 0, most_y = 0;
  [[nodiscard]] double x(double value) const {
    return left + (width - left - right) * (most_x > 0 ? value / most_x : 0);
  }
  [[nodiscard]] double y(double value) const {
    return height - bottom - (height - top - bottom) * (most_y > 0 ? value / most_y : 0);
  }
};

template <class... Args>
void add(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
}

// "1500000" is hard to read: "1.5 M".
std::string short_number(double value) {
  if (value >= 1e9) return fmt::format("{:g} G", value / 1e9);
  if (value >= 1e6) return fmt::format("{:g} M", value / 1e6);
  if (value >= 1e4) return fmt::format("{:g} k", value / 1e3);
  return fmt::format("{:g}", value);
}

void axes(std::string& svg, const Graph& graph, const Scale& scale) {
  const double step_x = round_step(scale.most_x, 6);
  const double step_y = round_step(scale.most_y, 4);
  for (double at = 0; at <= scale.most_y * 1.0001; at += step_y) {
    add(svg, "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", left, scale.y(at),
        width - right);
    add(svg, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", left - 6,
        scale.y(at) + 4, short_number(at));
  }
  for (double at = 0; at <= scale.most_x * 1.0001; at += step_x)
    add(svg, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>", scale.x(at),
        height - bottom + 16, short_number(at));
  add(svg, "<path class=\"axis\" d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\"/>", left, top,
      height - bottom, width - right);
  add(svg, "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", width - right,
      height - 4, escaped(graph.x_axis));
  double at = left;
  for (const Series& series : graph.series) {
    add(svg, "<path class=\"{} line\" d=\"M{:.1f} {:.1f}h18\"/>", series.style, at, height - 8);
    add(svg, "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", at + 22, height - 4,
        escaped(series.name));
    at += 34 + 7.0 * static_cast<double>(series.name.size());
  }
}

void draw(std::string& svg, const Series& series, const Scale& scale) {
  if (series.form == Series::Form::line && !series.dots.empty()) {
    add(svg, "<path class=\"{} line\" d=\"", series.style);
    char pen = 'M';
    for (const Dot& dot : series.dots) {
      if (dot.marked) continue;
      add(svg, "{}{:.1f} {:.1f}", pen, scale.x(dot.x), scale.y(dot.y));
      pen = 'L';
    }
    svg += "\"/>";
  }
  for (const Dot& dot : series.dots) {
    if (series.form == Series::Form::bars) {
      const double from = scale.x(dot.x);
      if (dot.y > 0)
        add(svg, "<path class=\"{} bar\" d=\"M{:.1f} {:.1f}V{:.1f}H{:.1f}V{:.1f}z\"/>",
            series.style, from, scale.y(0), scale.y(dot.y), scale.x(dot.x + series.bar),
            scale.y(0));
    } else if (series.form == Series::Form::points || dot.marked) {
      add(svg, "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/>",
          dot.marked ? "again" : series.style, scale.x(dot.x), scale.y(dot.y), dot.marked ? 4 : 2);
    }
  }
}

}  // namespace

double round_step(double span, unsigned parts) {
  if (!(span > 0)) return 1;
  const double wanted = span / parts;
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  double step = power;
  for (const double factor : {2.0, 5.0})
    if (factor * power <= wanted) step = factor * power;
  return step;
}

std::string svg_of(const Graph& graph) {
  Scale scale;
  for (const Series& series : graph.series)
    for (const Dot& dot : series.dots) {
      scale.most_x = std::max(scale.most_x, dot.x + series.bar);
      scale.most_y = std::max(scale.most_y, dot.y);
    }
  std::string svg;
  add(svg, "<figure><figcaption>{} <span class=\"soft\">{}</span></figcaption>",
      escaped(graph.title), escaped(graph.y_axis));
  add(svg, "<svg class=\"graph\" viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">", width,
      height, escaped(graph.title + ", " + graph.y_axis));
  axes(svg, graph, scale);
  for (const Series& series : graph.series) draw(svg, series, scale);
  return svg + "</svg></figure>\n";
}

}  // namespace trama::report
