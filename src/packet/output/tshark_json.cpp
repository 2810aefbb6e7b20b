// -T json: one array of packets, each layer an object of its fields, as tshark writes it. -j and -J
// choose protocols, --no-duplicate-keys makes arrays of keys that repeat.
#include <ctime>

#include "packet/output/json_group.h"
#include "packet/output/json_layers.h"
#include "packet/output/output.h"
#include "wire/protocols/tcp.h"

namespace trama::output {
namespace {

constexpr std::string_view layer_start = ",\n        \"";
constexpr std::string_view layer_end = "\n        }";

class TsharkJson final : public Output {
 public:
  explicit TsharkJson(const Settings& settings) : grouped_(settings.group_keys) {
    choice_.all = settings.protocols.empty();
    choice_.inside = choice_.all || settings.protocols_inside;
    choice_.words = settings.protocols;
  }

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::parse; }

  void show(const Shown& shown, Out& out) override {
    std::string& text = out.buffer();
    text += any_ ? ",\n  {\n    \"_index\": \"packets-" : "[\n  {\n    \"_index\": \"packets-";
    any_ = true;
    append_day(text, shown.packet.time);
    text +=
        "\",\n    \"_type\": \"doc\",\n    \"_score\": null,\n    \"_source\": {\n      "
        "\"layers\": {";
    if (grouped_) {
      layers_.clear();
      write_layers(layers_, shown);
      append_grouped(text, layers_);
    } else {
      write_layers(text, shown);
    }
    text += "\n      }\n    }\n  }";
    out.write({});
  }

  void end(Out& out) override { out.write(any_ ? "\n]\n" : "[]\n"); }

 private:
  struct Known {
    const wire::Header* header;
    bool shown;
    std::string named;  // ",\n        \"dns\": {", or with the word that it is filtered
    JsonLayer layer;
  };

  void write_layers(std::string& text, const Shown& shown) {
    const auto layers = shown.tree.layers();
    chains_.read(shown.tree);
    bool first = true;
    bool open = false;       // an object that the next layer may belong into
    bool empty = false;      // ... and it has no member yet
    unsigned segmented = 0;  // the layer before is TCP's
    for (unsigned i = 0; i < layers.size(); ++i) {
      Known& known = known_of(*layers[i].header);
      const bool extends = open && is_extension(*layers[i].header);
      if (extends) {  // IPv6's extension headers are members of its object
        write_extension(text, empty, known, shown, i);
        continue;
      }
      if (open) text += layer_end;
      if (segmented != 0) write_segments(text, shown, segmented);
      segmented = layers[i].header == &wire::tcp ? i : 0;
      const bool bare = known.header->word == "tls" && chains_.first(i) == RowChains::none;
      open = known.shown && !bare;
      if (bare) {  // a part of a record: tshark tells the layer's name alone
        fmt::format_to(std::back_inserter(text), "{}{}\": \"{}\"",
                       layer_start.substr(first ? 1 : 0), known.header->word, known.header->name);
        first = false;
        continue;
      }
      text.append(known.named, first ? 1 : 0);
      first = false;
      if (!known.shown) continue;
      empty = true;
      known.layer.write(text, empty, shown.packet, shown.tree, chains_, i);
    }
    if (open) text += layer_end;
    if (segmented != 0) write_segments(text, shown, segmented);
  }

  // "tcp.segments": which packets a message was put together from.
  void write_segments(std::string& text, const Shown& shown, unsigned layer) {
    const auto rows = shown.tree.rows();
    bool there = false;
    for (u32 i = chains_.first(layer); i != RowChains::none && !there; i = chains_.next(i))
      there = rows[i].field == &wire::in(wire::tcp_found, "tcp.segment.count");
    if (!there) return;
    text += layer_start;
    text += R"(tcp.segments": {)";
    if (!choice_.shows("tcp.segments")) {
      text += "\n          \"filtered\": \"tcp.segments\"";
    } else {
      bool first = true;
      for (u32 i = chains_.first(layer); i != RowChains::none; i = chains_.next(i)) {
        if (!is_of_segments(rows[i].field->word)) continue;
        fmt::format_to(std::back_inserter(text), "{}\n          \"{}\": \"", first ? "" : ",",
                       rows[i].field->word);
        first = false;
        append_json_value(text, rows[i]);
        text += '"';
      }
    }
    text += layer_end;
  }

  static bool is_extension(const wire::Header& header) { return header.word.starts_with("ipv6."); }

  void write_extension(std::string& text, bool& empty, Known& known, const Shown& shown,
                       unsigned layer) {
    fmt::format_to(std::back_inserter(text), "{}\n          \"{}\": {{", empty ? "" : ",",
                   known.header->word);
    empty = false;
    if (choice_.inside || known.shown) {
      bool first = true;
      layers_of_extension_.clear();
      known.layer.write(layers_of_extension_, first, shown.packet, shown.tree, chains_, layer);
      for (const char c : layers_of_extension_) {  // one level deeper
        text += c;
        if (c == '\n') text += "  ";
      }
    } else {
      fmt::format_to(std::back_inserter(text), "\n            \"filtered\": \"{}\"",
                     known.header->word);
    }
    text += "\n          }";
  }

  Known& known_of(const wire::Header& header) {
    for (const auto& known : known_)
      if (known->header == &header) return *known;
    const bool shown = choice_.shows(header.word);
    std::string named = fmt::format("{}{}\": {{", layer_start, header.word);
    if (!shown) named += fmt::format("\n          \"filtered\": \"{}\"{}", header.word, layer_end);
    known_.push_back(std::make_unique<Known>(Known{
        &header, shown, std::move(named), JsonLayer{header, choice_}
    }));
    return *known_.back();
  }

  // The day of the packet, as Elasticsearch's indices are named.
  void append_day(std::string& text, i64 time) {
    constexpr i64 second = 1'000'000'000;
    const time_t when = time == no_time ? 0 : time / second - (time % second < 0 ? 1 : 0);
    if (day_.empty() || when != day_of_) {
      tm parts{};
      localtime_r(&when, &parts);
      day_ =
          fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
      day_of_ = when;
    }
    text += day_;
  }

  JsonChoice choice_;
  bool grouped_, any_ = false;
  RowChains chains_;
  std::vector<std::unique_ptr<Known>> known_;
  std::string layers_, layers_of_extension_, day_;
  time_t day_of_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_tshark_json(const Settings& settings) {
  return std::make_unique<TsharkJson>(settings);
}

}  // namespace trama::output
