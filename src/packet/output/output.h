// Where packets are shown: one file per form (list, tree, fields, JSON), all behind this interface.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/out.h"
#include "base/terminal.h"
#include "packet/dissect/tree.h"
#include "packet/flow/table.h"
#include "packet/flow/verdict.h"
#include "packet/parse/message.h"
#include "packet/source/source.h"

namespace trama::output {

class Trees;

// A packet's deep reading, made when somebody first looks at it.
class Reading {
 public:
  Reading(const dissect::Tree& tree) : tree_(&tree) {}  // NOLINT: is one already
  Reading(Trees& trees, unsigned index, i64 since_shown)
      : trees_(&trees), index_(index), since_shown_(since_shown) {}

  operator const dissect::Tree&() const {  // NOLINT: stands for it everywhere
    if (tree_ == nullptr) tree_ = made();
    return *tree_;
  }
  [[nodiscard]] const dissect::Tree& tree() const { return *this; }
  [[nodiscard]] std::span<const dissect::Row> rows() const { return tree().rows(); }
  [[nodiscard]] std::span<const dissect::Layer> layers() const { return tree().layers(); }
  [[nodiscard]] const dissect::Row* find(const wire::Field& field) const {
    return tree().find(field);
  }

 private:
  [[nodiscard]] const dissect::Tree* made() const;

  mutable const dissect::Tree* tree_ = nullptr;
  Trees* trees_ = nullptr;
  unsigned index_ = 0;
  i64 since_shown_ = 0;
};

// One packet as an output sees it; nothing of it outlives show().
struct Shown {
  const Packet& packet;
  const source::Interface& interface;
  Reading tree;
  const flow::Step* step;   // nullptr where it belongs to no conversation
  const parse::Told* told;  // what its messages say in the columns; nullptr where nobody asked
  i64 since_shown;          // nanoseconds since the packet shown before
  bool passes = true;       // the filter
  std::string_view colours = {};             // the escape sequence of the colour rule that takes it
  const flow::Verdicts* verdicts = nullptr;  // nullptr where nobody asked
};

// tshark's -t words.
enum class TimeFormat {
  relative,
  delta,
  delta_shown,
  epoch,
  local,
  local_date,
  local_day,  // of the year
  utc,
  utc_date,
  utc_day
};

struct Settings {
  TimeFormat time = TimeFormat::relative;
  Terminal terminal;
  // -T fields
  std::vector<std::string> fields;  // -e, in order
  char separator = '\t';
  char aggregator = ',';
  char occurrence = 'a';  // first, last, all
  char quote = '\0';
  bool header = false;
  bool bom = false;
  std::vector<std::string> details;  // -O: the layers that -V shows in full; none: all
  // -T json
  std::vector<std::string> protocols;  // -j, -J; none: all
  bool protocols_inside = false;       // -J
  bool group_keys = false;             // --no-duplicate-keys
};

class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;
  virtual void begin(Out& /*out*/) {}
  virtual void show(const Shown& shown, Out& out) = 0;
  virtual void end(Out& /*out*/) {}
  // The latest step of a packet's way that it shows anything of.
  [[nodiscard]] virtual wire::Stage stage() const { return wire::Stage::parse; }
  // Each packet's text depends on that packet and its dates alone: threads may share the work.
  [[nodiscard]] virtual bool stands_alone() const { return false; }
  // It shows verdicts (trama.verdict).
  [[nodiscard]] virtual bool shows_verdicts() const { return false; }
  // Of messages it shows the columns only, no rows.
  [[nodiscard]] virtual bool only_columns() const { return false; }
};

// The forms that --json, -T and the default name: a file here and a row there.
std::unique_ptr<Output> make_list(const Settings& settings);
std::unique_ptr<Output> make_tabs(const Settings& settings);
std::unique_ptr<Output> make_tree(const Settings& settings);
std::unique_ptr<Output> make_json(const Settings& settings);
std::unique_ptr<Output> make_tshark_json(const Settings& settings);
// Errors (Exit::bad_input): a word after -e that does not exist, with the nearest that does.
Result<std::unique_ptr<Output>> make_fields(const Settings& settings);

// -x: the packet's bytes, 16 a line, in hex and as text.
void append_bytes(std::string& text, Bytes bytes);

}  // namespace trama::output
