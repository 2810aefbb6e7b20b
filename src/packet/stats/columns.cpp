#include <algorithm>

#include "base/say.h"
#include "packet/stats/intervals.h"

namespace trama::stats {
namespace {

using wire::Show;

struct Name {
  std::string_view name;
  Sum sum;
};
constexpr Name names[] = {
    {"FRAMES", Sum::frames},
    {"BYTES",  Sum::bytes },
    {"COUNT",  Sum::count },
    {"SUM",    Sum::sum   },
    {"MIN",    Sum::min   },
    {"MAX",    Sum::max   },
    {"AVG",    Sum::avg   },
    {"LOAD",   Sum::load  },
};

std::string seconds_text(i64 nanoseconds) {  // six decimals
  return fmt::format("{}.{:06}", nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000 / 1000);
}

}  // namespace

std::string_view name_of(Sum sum) {
  for (const Name& row : names)
    if (row.sum == sum) return row.name;
  return {};
}

Result<Column> Column::parse(std::string_view text) {
  Column column;
  column.label = text.empty() ? "Frames and bytes" : text;
  std::string_view filter = text;
  for (const Name& row : names) {
    if (!text.starts_with(row.name) || text.substr(row.name.size()).substr(0, 1) != "(") continue;
    column.sum = row.sum;
    const auto close = text.find(')');
    if (close == text.npos)
      return fail(Exit::bad_input, say("-z io,stat: a ) is missing in {}", harmless(text)));
    const auto field = text.substr(row.name.size() + 1, close - row.name.size() - 1);
    filter = text.substr(close + 1);
    if (row.sum == Sum::frames || row.sum == Sum::bytes) break;
    column.word_ = parse::find_word(field);
    if (column.word_ == nullptr) {
      const auto near = parse::nearest_word(field);
      return fail(Exit::bad_input,
                  near.empty() ? say("-z io,stat: there is no field \"{}\"", harmless(field))
                               : say("-z io,stat: there is no field \"{}\": did you mean {}?",
                                     harmless(field), near));
    }
    const Show show = column.word_->meanings.front().field->show;
    if (row.sum != Sum::count && show != Show::seconds && !parse::is_number(show))
      return fail(Exit::bad_input,
                  say("-z io,stat: {} adds up numbers and times, and {} is neither; COUNT({}) "
                      "counts it",
                      row.name, field, field));
    break;
  }
  auto choice = choice_of(filter);
  if (!choice) return fail(choice);
  column.choice_ = std::move(*choice);
  return column;
}

bool Column::is_time() const {
  return word_ != nullptr && word_->meanings.front().field->show == Show::seconds;
}

wire::Stage Column::stage() const {
  wire::Stage stage = choice_.stage();
  if (word_ != nullptr)
    for (const parse::Meaning& meaning : word_->meanings) stage = std::max(stage, meaning.stage);
  return stage;
}

void Column::add_value(Cell& cell, i64 value) const {
  cell.least = cell.values == 0 ? value : std::min(cell.least, value);
  cell.most = cell.values == 0 ? value : std::max(cell.most, value);
  cell.sum += value;
  ++cell.values;
}

void Column::add(const output::Shown& shown, u64 moment, u64 interval) {
  if (!choice_.takes(shown)) return;
  const u64 row = interval == 0 ? 0 : moment / interval;
  if (cells_.empty() || row > cells_.back().row) cells_.push_back({row});
  Cell& cell = cells_.back();  // a packet that is late counts in the newest interval
  ++cell.frames;
  cell.bytes += shown.packet.wire;
  if (word_ == nullptr) return;
  for (const dissect::Row& found : shown.tree.rows())
    for (const parse::Meaning& meaning : word_->meanings)
      if (meaning.field == found.field) add_value(cell, static_cast<i64>(found.value));
}

const Cell* Column::find(u64 row) const {
  const auto at = std::lower_bound(cells_.begin(), cells_.end(), row,
                                   [](const Cell& cell, u64 wanted) { return cell.row < wanted; });
  return at != cells_.end() && at->row == row ? &*at : nullptr;
}

std::string Column::value(u64 row, bool frames, u64 interval) const {
  const Cell* const found = find(row);
  const Cell cell = found == nullptr ? Cell{} : *found;
  const auto number = [&](i64 value) {
    return is_time() ? seconds_text(value) : fmt::format("{}", value);
  };
  switch (sum) {
    case Sum::frames_and_bytes:
      return fmt::format("{}", frames ? cell.frames : cell.bytes);
    case Sum::frames:
      return fmt::format("{}", cell.frames);
    case Sum::bytes:
      return fmt::format("{}", cell.bytes);
    case Sum::count:
      return fmt::format("{}", cell.values);
    case Sum::sum:
      return number(cell.sum);
    case Sum::min:
      return number(cell.least);
    case Sum::max:
      return number(cell.most);
    case Sum::avg:
      return number(cell.values == 0 ? 0 : cell.sum / static_cast<i64>(cell.values));
    case Sum::load:  // answers that are awaited at once: their times over the interval's
      return fmt::format("{}.{:06}",
                         interval == 0 ? 0 : cell.sum / 1000 / static_cast<i64>(interval),
                         interval == 0 ? 0
                                       : cell.sum / 1000 % static_cast<i64>(interval) * 1'000'000 /
                                             static_cast<i64>(interval));
  }
  return {};
}

unsigned Column::width(bool frames, u64 interval) const {
  std::size_t widest = 0;
  for (const Cell& cell : cells_)
    widest = std::max(widest, value(cell.row, frames, interval).size());
  return static_cast<unsigned>(widest);
}

}  // namespace trama::stats
