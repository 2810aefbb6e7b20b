// -T fields: the chosen words' values, one packet a line, as tshark prints them.
#include <algorithm>

#include "base/say.h"
#include "packet/dissect/value.h"
#include "packet/output/columns.h"
#include "packet/output/marked_value.h"
#include "packet/parse/words.h"

namespace trama::output {
namespace {

// What a column of the list is called among the words.
constexpr std::string_view column_words[] = {
    "_ws.col.Time", "_ws.col.Source", "_ws.col.Destination", "_ws.col.Protocol",
    "_ws.col.Info", "_ws.col.No.",    "_ws.col.Length"};

// What would break lines and columns, written as in C: as tshark does.
void escape(std::string& text, std::size_t from) {
  constexpr std::string_view breaking = "\b\t\n\f\r";
  constexpr std::string_view letters = "btnfr";
  for (std::size_t at = text.find_first_of(breaking, from); at != text.npos;
       at = text.find_first_of(breaking, at + 2))
    text.replace(at, 1, {'\\', letters[breaking.find(text[at])]});
}

class Fields final : public Output {
 public:
  struct Column {
    const parse::Word* word = nullptr;     // or else
    std::string_view column;               // one of column_words
    std::vector<MarkedValue> marked = {};  // where packets that are not deep have all its values
  };

  Fields(Settings settings, std::vector<Column> columns)
      : settings_(std::move(settings)), columns_(std::move(columns)) {
    for (const Column& column : columns_) {
      if (!column.column.empty()) stage_ = wire::Stage::parse;
      if (column.word == nullptr) continue;
      for (const auto& meaning : column.word->meanings) {
        stage_ = std::max(stage_, meaning.stage);
        rows_ = rows_ || meaning.stage == wire::Stage::parse;
      }
    }
    if (rows_) return;  // then messages may hold headers, too
    for (Column& column : columns_)
      if (column.word != nullptr) column.marked = marked_values(*column.word);
  }

  [[nodiscard]] wire::Stage stage() const override { return stage_; }
  [[nodiscard]] bool shows_verdicts() const override {
    return std::any_of(columns_.begin(), columns_.end(), [](const Column& column) {
      return column.word != nullptr && column.word->word.starts_with("trama.verdict");
    });
  }
  [[nodiscard]] bool only_columns() const override { return !rows_; }
  [[nodiscard]] bool stands_alone() const override {
    return stage_ == wire::Stage::dissect &&
           std::none_of(columns_.begin(), columns_.end(), [](const Column& column) {
             return column.word->word == "frame.time_delta_displayed";
           });
  }

  void begin(Out& out) override {
    if (settings_.bom) out.write("\xef\xbb\xbf");
    if (!settings_.header) return;
    std::string line;
    for (const auto& field : settings_.fields) {
      if (!line.empty()) line += settings_.separator;
      line += field;
    }
    out.write(line + '\n');
  }

  void show(const Shown& shown, Out& out) override {
    std::string& text = out.buffer();
    bool first = true;
    for (const Column& column : columns_) {
      if (!first) text += settings_.separator;
      first = false;
      const std::size_t start = text.size();
      if (settings_.quote != '\0') text += settings_.quote;
      if (column.word != nullptr)
        append_values(text, column, shown);
      else
        append_column(text, column.column, shown);
      if (settings_.quote == '\0') continue;
      if (text.size() == start + 1)
        text.pop_back();  // nothing to quote
      else
        text += settings_.quote;
    }
    text += '\n';
    out.write({});
  }

 private:
  void append_values(std::string& text, const Column& column, const Shown& shown) const {
    const std::size_t start = text.size();
    bool first = true;
    // False where no more are wanted.
    const auto put = [&](const dissect::Row& row) {
      if (!first && settings_.occurrence == 'f') return false;
      if (!first && settings_.occurrence == 'l') {
        text.resize(start);
        first = true;
      }
      if (!first) text += settings_.aggregator;
      first = false;
      const std::size_t value = text.size();
      if (row.size == 0 && row.field->show == wire::Show::bytes)
        text += "<MISSING>";  // tshark's word for bytes that are none
      else
        dissect::append_value(text, row);
      if (row.field->show == wire::Show::text) escape(text, value);
      return true;
    };
    if (!column.marked.empty() && !shown.packet.deep) {
      dissect::Row row{};
      for (const MarkedValue& value : column.marked)
        if (value.read(shown.packet, row) && !put(row)) return;
      return;
    }
    const auto& meanings = column.word->meanings;
    for (const dissect::Row& row : shown.tree.rows()) {
      const bool wanted = std::any_of(meanings.begin(), meanings.end(), [&](const auto& meaning) {
        return meaning.field == row.field;
      });
      if (wanted && !put(row)) return;
    }
  }

  void append_column(std::string& text, std::string_view column, const Shown& shown) const {
    if (column == "_ws.col.Time") append_time(text, shown, settings_.time);
    if (column == "_ws.col.Source") append_source(text, shown);
    if (column == "_ws.col.Destination") append_destination(text, shown);
    if (column == "_ws.col.Protocol") append_protocol(text, shown);
    if (column == "_ws.col.Info") append_info(text, shown);
    if (column == "_ws.col.No.")
      fmt::format_to(std::back_inserter(text), "{}", shown.packet.number);
    if (column == "_ws.col.Length")
      fmt::format_to(std::back_inserter(text), "{}", shown.packet.wire);
  }

  Settings settings_;
  std::vector<Column> columns_;
  wire::Stage stage_ = wire::Stage::dissect;
  bool rows_ = false;  // it shows fields of messages
};

}  // namespace

Result<std::unique_ptr<Output>> make_fields(const Settings& settings) {
  std::vector<Fields::Column> columns;
  for (const std::string& field : settings.fields) {
    const auto column = std::find(std::begin(column_words), std::end(column_words), field);
    if (column != std::end(column_words)) {
      columns.push_back({nullptr, *column, {}});
      continue;
    }
    const parse::Word* word = parse::find_word(field);
    if (word == nullptr) {
      const auto meant = parse::nearest_word(field);
      return fail(Exit::bad_input, meant.empty()
                                       ? say("-e: there is no field \"{}\"", harmless(field))
                                       : say("-e: there is no field \"{}\": did you mean {}?",
                                             harmless(field), meant));
    }
    columns.push_back({word, {}, {}});
  }
  if (columns.empty()) return fail(Exit::bad_input, say("-T fields needs at least one -e FIELD"));
  return std::make_unique<Fields>(settings, std::move(columns));
}

}  // namespace trama::output
