// Graphs as text: axes, units, marks, and that they fit.
#include "packet/output/plot.h"

#include <gtest/gtest.h>

#include <sstream>

namespace trama::output {
namespace {

Plot made() {
  Plot plot;
  plot.title = "a title";
  plot.x_name = "time";
  plot.y_name = "bytes";
  plot.x_units = {
      {1e3, "µs"},
      {1e6, "ms" },
      {1e9, "s"  }
  };
  plot.y_units = {
      {1,    "B" },
      {1000, "kB"}
  };
  plot.series.push_back({
      "one", Colour::cyan, "•", "*", false, {{0, 0}, {1e9, 2000}, {2e9, 4000}}
  });
  plot.series.push_back({"two", Colour::red, "×", "x", false, {{1e9, 3000}}});
  return plot;
}

TEST(Plot, DrawsAxesAndMarks) {
  EXPECT_EQ(draw(made(), Terminal{}, 40, 13), R"(a title
bytes (kB)  * one  x two
       4 |                             *
         |
         |               x
       2 |               *
         |
         |
         |
       0 |*
         ++--------------+-------------+
          0              1             2
time (s)
)");
  EXPECT_NE(draw(made(), Terminal{.utf8 = true}, 40, 13).find("┤                             •\n"),
            std::string::npos);
}

TEST(Plot, DrawsDotsWhereColoursTellThemApart) {
  const std::string text = draw(made(), Terminal{.colour = true, .utf8 = true}, 40, 13);
  EXPECT_NE(text.find("\x1b[36m⠈"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[31m"), std::string::npos) << text;
}

TEST(Plot, FitsItsPlace) {
  Plot plot = made();
  plot.title = std::string(200, 't');
  for (unsigned i = 0; i < 6; ++i) {
    plot.series.push_back(plot.series.front());
    plot.series.back().name = "a rather long name";
  }
  for (const unsigned columns : {40U, 80U, 133U})
    for (const unsigned rows : {16U, 24U, 50U}) {
      std::istringstream lines{draw(plot, Terminal{.utf8 = true}, columns, rows)};
      unsigned count = 0;
      for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(width(line), columns);
      EXPECT_LE(count, rows) << columns << 'x' << rows;
    }
}

TEST(Plot, EndsWithAnyNumbers) {
  for (const double x : {0.0, 1e-9, 1.0, 9.2e18, -9.2e18})
    for (const double y : {0.0, 1.0, 1.8e19}) {
      Plot plot = made();
      plot.series.back().points = {
          {x, y}
      };
      EXPECT_FALSE(draw(plot, Terminal{}, 80, 24).empty());
      plot.series.front().points = {
          {x, y},
          {x, y}
      };
      EXPECT_FALSE(draw(plot, Terminal{.utf8 = true}, 80, 24).empty());
    }
}

}  // namespace
}  // namespace trama::output
