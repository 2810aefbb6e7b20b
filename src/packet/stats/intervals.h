// The columns of -z io,stat: what each counts and adds up, interval by interval.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "packet/parse/words.h"
#include "packet/stats/report.h"

namespace trama::stats {

enum class Sum : u8 { frames_and_bytes, frames, bytes, count, sum, min, max, avg, load };

// What one interval holds of one column.
struct Cell {
  u64 row = 0;     // which interval, from 0
  u64 frames = 0;  // packets; COUNT: values
  u64 bytes = 0;
  i64 sum = 0, least = 0, most = 0;
  u64 values = 0;
};

class Column {
 public:
  // "tcp", "SUM(frame.len)frame.len and tcp". Errors: an unknown field, one that cannot be added
  // up, a wrong filter.
  static Result<Column> parse(std::string_view text);

  // `moment`: microseconds since the capture's first packet; `interval` likewise.
  void add(const output::Shown& shown, u64 moment, u64 interval);
  [[nodiscard]] std::string value(u64 row, bool frames, u64 interval) const;
  [[nodiscard]] bool is_empty(u64 row) const { return find(row) == nullptr; }
  // The digits of the largest value that any interval has.
  [[nodiscard]] unsigned width(bool frames, u64 interval) const;
  [[nodiscard]] wire::Stage stage() const;
  [[nodiscard]] bool is_pair() const { return sum == Sum::frames_and_bytes; }

  std::string label;  // as typed; "Frames and bytes" where nothing was
  Sum sum = Sum::frames_and_bytes;

 private:
  void add_value(Cell& cell, i64 value) const;
  [[nodiscard]] bool is_time() const;
  [[nodiscard]] const Cell* find(u64 row) const;

  Choice choice_;
  const parse::Word* word_ = nullptr;
  std::vector<Cell> cells_;  // intervals with packets, in order
};

std::string_view name_of(Sum sum);

}  // namespace trama::stats
