// --json: a "packet" line each, with the list's columns and every field by its word.
#include "base/json.h"

#include "packet/dissect/value.h"
#include "packet/output/columns.h"
#include "packet/parse/words.h"

namespace trama::output {
namespace {

using wire::Show;

class Json final : public Output {
 public:
  [[nodiscard]] bool shows_verdicts() const override { return true; }

  void show(const Shown& shown, Out& out) override {
    JsonLine line{"packet"};
    const Packet& packet = shown.packet;
    line.number("number", packet.number);
    if (packet.time != no_time)
      line.seconds("time", packet.time).seconds("time_relative", packet.since_first);
    line.number("length", packet.wire).number("captured", packet.captured);
    column(line, "source", [&](std::string& text) { append_source(text, shown); });
    column(line, "destination", [&](std::string& text) { append_destination(text, shown); });
    column(line, "protocol", [&](std::string& text) { append_protocol(text, shown); });
    column(line, "info", [&](std::string& text) { append_info(text, shown); });
    line.open("layers", '[');
    const auto layers = shown.tree.layers();
    for (unsigned i = 1; i < layers.size(); ++i) {
      line.open_element().text("layer", layers[i].header->word);
      if (layers[i].header->layer != 0) line.number("osi", layers[i].header->layer);
      if (layers[i].malformed) line.boolean("malformed", true);
      if (layers[i].cut) line.boolean("cut", true);
      line.open("fields", '{');
      fields(line, shown.tree, i);
      line.close('}').close('}');
    }
    line.close(']');
    out.write(line.line());
  }

 private:
  template <class Write>
  static void column(JsonLine& line, std::string_view key, Write&& write) {
    std::string text;
    write(text);
    line.text(key, text);
  }

  // A word that stands once is a value; one that stands several times is an array of them.
  static void fields(JsonLine& line, const dissect::Tree& tree, unsigned layer) {
    const auto rows = tree.rows();
    const auto shows = [&](const dissect::Row& row) {
      return row.layer == layer && row.field->show != Show::layer && !row.field->word.empty();
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!shows(rows[i])) continue;
      std::size_t same = 0;
      bool earlier = false;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        if (!shows(rows[k]) || rows[k].field != rows[i].field) continue;
        earlier = earlier || k < i;
        ++same;
      }
      if (earlier) continue;
      if (same == 1) {
        line.raw(rows[i].field->word, value(rows[i]));
        continue;
      }
      std::string all = "[";
      for (std::size_t k = i; k < rows.size(); ++k) {
        if (!shows(rows[k]) || rows[k].field != rows[i].field) continue;
        if (all.size() > 1) all += ',';
        all += value(rows[k]);
      }
      line.raw(rows[i].field->word, all + ']');
    }
  }

  static std::string value(const dissect::Row& row) {
    std::string text;
    if (row.field->show == Show::flag) return row.value != 0 ? "true" : "false";
    dissect::append_value(text, row);
    if (row.field->show == Show::dec || row.field->show == Show::signed_dec ||
        row.field->show == Show::seconds)
      return text;
    std::string quoted;
    append_json_text(quoted, text);
    return quoted;
  }
};

}  // namespace

std::unique_ptr<Output> make_json(const Settings& /*settings*/) { return std::make_unique<Json>(); }

}  // namespace trama::output
