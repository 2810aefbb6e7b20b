// -z io,stat,INTERVAL[,FILTER]...: a row an interval, a column a filter or sum.
#include "packet/stats/intervals.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/say.h"

namespace trama::stats {
namespace {

constexpr u64 second = 1'000'000;  // in microseconds, in which the report counts

// "0.25": microseconds, and how many decimals were typed.
struct Step {
  u64 microseconds = 0;
  unsigned decimals = 0;
};

std::optional<Step> step_of(std::string_view text) {
  Step step;
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto part = point == text.npos ? std::string_view{} : text.substr(point + 1);
  if ((whole.empty() && part.empty()) || whole.size() > 10 || part.size() > 9) return {};
  for (const char c : whole) {
    if (c < '0' || c > '9') return {};
    step.microseconds = step.microseconds * 10 + static_cast<u64>(c - '0') * second;
  }
  u64 unit = second;
  for (const char c : part) {
    if (c < '0' || c > '9') return {};
    unit /= 10;
    step.microseconds += unit * static_cast<u64>(c - '0');
  }
  step.decimals = static_cast<unsigned>(std::min<std::size_t>(part.size(), 6));
  while (step.decimals > 0 && part[step.decimals - 1] == '0') --step.decimals;
  return step;
}

unsigned digits_of(u64 value) {  // at most 5, as tshark's columns
  unsigned digits = 1;
  while (value >= 10 && digits < 5) {
    value /= 10;
    ++digits;
  }
  return digits;
}

u64 power(unsigned decimals) {
  u64 value = 1;
  while (decimals-- > 0) value *= 10;
  return value;
}

std::string time_text(u64 microseconds, unsigned decimals) {
  if (decimals == 0) return fmt::format("{}", microseconds / second);
  return fmt::format("{}.{:0{}}", microseconds / second,
                     microseconds % second / power(6 - decimals), decimals);
}

class Intervals final : public Report {
 public:
  Intervals(Step step, std::vector<Column> columns) : step_(step), columns_(std::move(columns)) {}

  [[nodiscard]] wire::Stage stage() const override {
    wire::Stage stage = wire::Stage::dissect;
    for (const Column& column : columns_) stage = std::max(stage, column.stage());
    return stage;
  }

  void add(const output::Shown& shown) override {
    // Packets before the first one, in a capture that is not in order, count with the newest.
    if (shown.packet.since_first >= 0)
      moment_ = (static_cast<u64>(shown.packet.since_first) + 500) / 1000;
    duration_ = std::max(duration_, moment_);
    for (Column& column : columns_) column.add(shown, moment_, step_.microseconds);
  }

  void end(Out& out, bool json) override {
    const bool whole = step_.microseconds == 0 || step_.microseconds > duration_;
    const unsigned magnitude = digits_of(duration_ / second);
    const unsigned decimals = whole ? (magnitude >= 2 ? 1 : 3) : step_.decimals;
    u64 duration = duration_;
    if (decimals > 0) {
      const u64 unit = power(6 - decimals);
      duration = (duration + unit / 2) / unit * unit;
    }
    const u64 step = whole ? duration : step_.microseconds;
    const u64 rows = step == 0 ? 0 : (duration + step - 1) / step;
    if (json) return end_json(rows, step, out);
    const unsigned wide = magnitude + (decimals == 0 ? 0 : decimals + 1);
    const unsigned first = std::max(10U, 2 * wide + 6);
    std::vector<unsigned> widths = widths_of(step);
    unsigned table = first + 2;
    for (const unsigned width : widths) table += width + 1;
    unsigned border = (whole ? 30 : 25) + wide;
    for (const Column& column : columns_)
      border = std::max(border, static_cast<unsigned>(column.label.size()) + 11);
    border = std::max(border, table);
    if (border == table + 1) ++border;  // room for the bar of the empty column
    const unsigned rest = border - table;
    const std::string tail = rest == 0 ? "" : std::string(rest - 1, ' ') + '|';

    const std::string edge(border, '=');
    out.print("\n{}\n", edge);
    const auto line = [&](const std::string& text) { out.print("| {:<{}} |\n", text, border - 4); };
    line("IO Statistics");
    line("");
    const std::string lasts = decimals == 0  // blanks, not zeros, before the fraction: as tshark
                                  ? fmt::format("{}.{:>6}", duration / second, duration % second)
                                  : time_text(duration, decimals);
    line(fmt::format("Duration: {} secs", lasts));
    line(fmt::format("Interval: {:>{}} secs", time_text(step, decimals), wide));
    line("");
    for (std::size_t i = 0; i < columns_.size(); ++i)
      line(fmt::format("{}{}: {}", i == 0 ? "Col " : "    ", i + 1, columns_[i].label));
    out.print("|{}|\n", std::string(border - 2, '-'));
    out.print("|{:{}}", "", first);
    for (std::size_t i = 0, k = 0; i < columns_.size(); ++i) {
      unsigned width = widths[k++];
      if (columns_[i].is_pair()) width += widths[k++] + 1;
      out.print("|{:<{}}", i + 1, width);
    }
    out.print("|{}\n| {:<{}}", tail, "Interval", first - 1);
    std::size_t k = 0;
    for (const Column& column : columns_) {
      if (column.is_pair()) {
        out.print("|{}", centred("Frames", widths[k++]));
        out.print("|{}", centred("Bytes", widths[k++]));
      } else {
        out.print("|{}", centred(name_of(column.sum), widths[k++]));
      }
    }
    out.print("|{}\n|{}|{}\n", tail, std::string(table - 2, '-'), tail);
    for (u64 row = 0; row < rows; ++row)
      print_row({row, rows, step, duration}, wide, decimals, widths, tail, out);
    out.print("{}\n", edge);
  }

 private:
  static std::string centred(std::string_view text, unsigned width) {
    const auto size = static_cast<unsigned>(text.size());
    const unsigned spare = width > size ? width - size : 0;
    return std::string(spare - spare / 2, ' ') + std::string{text} + std::string(spare / 2, ' ');
  }

  struct Row {
    u64 number, of, step, duration;
  };

  // A year in seconds has 31 million rows, nearly all empty: those are made of ready pieces.
  void print_row(const Row& row, unsigned wide, unsigned decimals,
                 const std::vector<unsigned>& widths, const std::string& tail, Out& out) {
    const u64 from = row.number * row.step;
    const bool last = row.number + 1 == row.of;
    const std::string_view gap = wide == 1 ? "  " : " ";
    std::string& text = out.buffer();
    text += '|';
    text += gap;
    append_padded(text, from, wide, decimals);
    text += " <> ";
    if (last && decimals == 0) {
      fmt::format_to(std::back_inserter(text), "{:<{}}", "Dur", wide + gap.size());
    } else {
      append_padded(text, last ? row.duration : from + row.step, wide, decimals);
      text += gap;
    }
    const bool empty = std::all_of(columns_.begin(), columns_.end(), [&](const Column& column) {
      return column.is_empty(row.number);
    });
    if (!empty || zeros_.empty()) {
      const std::size_t start = text.size();
      std::size_t at = 0;
      for (const Column& column : columns_) {
        const auto put = [&](bool frames) {
          fmt::format_to(std::back_inserter(text), "|{:>{}} ",
                         column.value(row.number, frames, row.step), widths[at++] - 1);
        };
        put(true);
        if (column.is_pair()) put(false);
      }
      text += '|';
      text += tail;
      text += '\n';
      if (empty) zeros_ = text.substr(start);
    } else {
      text += zeros_;
    }
    out.write({});
  }

  static void append_padded(std::string& text, u64 microseconds, unsigned wide, unsigned decimals) {
    if (decimals != 0) {
      fmt::format_to(std::back_inserter(text), "{:>{}}", time_text(microseconds, decimals), wide);
      return;
    }
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, microseconds / second).ptr;
    const auto size = static_cast<std::size_t>(end - digits);
    if (size < wide) text.append(wide - size, ' ');
    text.append(digits, size);
  }

  [[nodiscard]] std::vector<unsigned> widths_of(u64 step) const {
    std::vector<unsigned> widths;
    for (const Column& column : columns_) {
      if (column.is_pair()) {
        widths.push_back(std::max(6U, column.width(true, step)) + 2);
        widths.push_back(std::max(5U, column.width(false, step)) + 2);
      } else {
        widths.push_back(
            std::max(static_cast<unsigned>(name_of(column.sum).size()), column.width(true, step)) +
            2);
      }
    }
    return widths;
  }

  void end_json(u64 rows, u64 step, Out& out) const {
    for (u64 row = 0; row < rows; ++row) {
      JsonLine line{"stats.interval"};
      line.seconds("from", static_cast<i64>(row * step * 1000));
      line.seconds("until", static_cast<i64>(std::min(duration_, (row + 1) * step) * 1000));
      line.open("columns", '[');
      for (const Column& column : columns_) {
        line.open_element().text("label", column.label);
        if (column.is_pair()) line.raw("frames", column.value(row, true, step));
        line.raw(column.is_pair() ? "bytes" : "value", column.value(row, false, step));
        line.close('}');
      }
      line.close(']');
      out.write(line.line());
    }
  }

  Step step_;
  std::vector<Column> columns_;
  std::string zeros_;              // what a row without packets ends with
  u64 moment_ = 0, duration_ = 0;  // microseconds since the first packet
};

}  // namespace

Result<std::unique_ptr<Report>> make_intervals(std::string_view /*kind*/, std::string_view rest) {
  const auto comma = std::min(rest.find(','), rest.size());
  const auto step = step_of(rest.substr(0, comma));
  if (!step ||
      (step->microseconds == 0 && rest.substr(0, comma).find_first_not_of("0.") != rest.npos))
    return fail(Exit::bad_input,
                say("-z io,stat takes an interval in seconds, such as -z io,stat,1 or "
                    "-z io,stat,0.1,tcp; 0 is the whole capture"));
  std::vector<Column> columns;
  auto left = rest.substr(std::min(rest.size(), comma + 1));
  do {
    const auto end = std::min(left.find(','), left.size());
    auto column = Column::parse(left.substr(0, end));
    if (!column) return fail(column);
    columns.push_back(std::move(*column));
    left.remove_prefix(std::min(left.size(), end + 1));
  } while (!left.empty());
  return std::make_unique<Intervals>(*step, std::move(columns));
}

}  // namespace trama::stats
