// -V: every header of a packet, layer by layer, with each field's filter word, value and meaning.
#include <algorithm>

#include "base/say.h"
#include "packet/dissect/value.h"
#include "packet/output/osi.h"
#include "packet/output/output.h"

namespace trama::output {
namespace {

constexpr std::size_t longest_value = 64;  // longer bytes are cut: -x shows them all

class TreeOutput final : public Output {
 public:
  explicit TreeOutput(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] bool shows_verdicts() const override { return true; }

  void show(const Shown& shown, Out& out) override {
    const auto layers = shown.tree.layers();
    for (unsigned i = 0; i < layers.size(); ++i) {
      const dissect::Layer& layer = layers[i];
      const Terminal& terminal = settings_.terminal;
      std::string title = i == 0
                              ? say("Packet {}: {} bytes on the wire, {} captured",
                                    shown.packet.number, shown.packet.wire, shown.packet.captured)
                              : fmt::format("{} ({})", layer.header->name, layer.header->word);
      title = terminal.paint(Colour::bold, title);
      if (const auto osi = osi_layer(layer.header->layer); !osi.empty())
        title += terminal.paint(Colour::dim, fmt::format("  {}", osi));
      if (layer.cut)
        title += terminal.paint(Colour::yellow,
                                fmt::format("  {}", say("[cut: the capture ends here]")));
      if (layer.malformed)
        title += terminal.paint(
            Colour::red, fmt::format("  {}", say("[malformed: breaks the protocol's rules]")));
      out.print("{}\n", title);
      if (!in_detail(layer.header->word)) continue;
      rows_.clear();
      unsigned widest_word = 0;
      unsigned widest_value = 0;
      for (const dissect::Row& row : shown.tree.rows()) {
        if (row.layer != i || row.field->show == wire::Show::layer || row.field->word.empty())
          continue;
        std::string value;
        dissect::append_named_value(value, row);
        if (value.size() > longest_value) {
          value.resize(longest_value);
          while (!value.empty() && utf8_tail(value)) value.pop_back();
          value += "...";
        }
        value = settings_.terminal.spell(harmless(value));
        widest_word = std::max(widest_word, width(row.field->word));
        widest_value = std::max(widest_value, std::min(width(value), 40U));
        rows_.emplace_back(&row, std::move(value));
      }
      for (const auto& [row, value] : rows_)
        out.print("    {}  {}  {}\n",
                  terminal.paint(Colour::cyan, padded(row->field->word, widest_word)),
                  padded(value, widest_value),
                  terminal.paint(Colour::dim, translated(row->field->label)));
    }
    out.write("\n");
  }

  [[nodiscard]] bool in_detail(std::string_view word) const {
    const auto& details = settings_.details;
    return details.empty() || std::find(details.begin(), details.end(), word) != details.end();
  }

 private:
  // The text ends inside a code point.
  static bool utf8_tail(const std::string& text) {
    return (static_cast<u8>(text.back()) & 0xc0U) == 0x80;
  }

  Settings settings_;
  std::vector<std::pair<const dissect::Row*, std::string>> rows_;
};

}  // namespace

std::unique_ptr<Output> make_tree(const Settings& settings) {
  return std::make_unique<TreeOutput>(settings);
}

void append_bytes(std::string& text, Bytes bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    const Bytes line = bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at));
    fmt::format_to(std::back_inserter(text), "{:04x}  ", at);
    for (std::size_t i = 0; i < 16; ++i) {
      if (i < line.size())
        fmt::format_to(std::back_inserter(text), "{:02x} ", line[i]);
      else
        text += "   ";
    }
    text += "  ";
    for (const u8 byte : line) text += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    text += '\n';
  }
  text += '\n';
}

}  // namespace trama::output
