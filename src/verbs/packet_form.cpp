#include "verbs/packet_form.h"

#include <algorithm>
#include <utility>

#include "packet/parse/words.h"

namespace trama {
namespace {

using output::TimeFormat;

Result<TimeFormat> time_format(const Parsed& options) {
  const auto form = options.last("t").value_or("r");
  constexpr std::pair<std::string_view, TimeFormat> forms[] = {
      {"r",    TimeFormat::relative   },
      {"d",    TimeFormat::delta      },
      {"dd",   TimeFormat::delta_shown},
      {"e",    TimeFormat::epoch      },
      {"a",    TimeFormat::local      },
      {"ad",   TimeFormat::local_date },
      {"adoy", TimeFormat::local_day  },
      {"u",    TimeFormat::utc        },
      {"ud",   TimeFormat::utc_date   },
      {"udoy", TimeFormat::utc_day    }
  };
  for (const auto& [name, format] : forms)
    if (name == form) return format;
  return fail(Exit::bad_input,
              say("-t takes r, d, dd, e, a, ad, adoy, u, ud or udoy, not \"{}\"", harmless(form)));
}

// One -E KEY=VALUE into the settings.
Result<void> field_setting(std::string_view setting, output::Settings& settings) {
  const auto equals = setting.find('=');
  const auto key = setting.substr(0, equals);
  const auto value = equals == setting.npos ? std::string_view{} : setting.substr(equals + 1);
  const auto one = [&](char& into) {
    if (value == "/t")
      into = '\t';
    else if (value == "/s")
      into = ' ';
    else if (value.size() == 1)
      into = value[0];
    return value == "/t" || value == "/s" || value.size() == 1;
  };
  bool good = false;
  if (key == "header" || key == "bom") {
    (key == "header" ? settings.header : settings.bom) = value == "y";
    good = value == "y" || value == "n";
  } else if (key == "separator") {
    good = one(settings.separator);
  } else if (key == "aggregator") {
    good = one(settings.aggregator);
  } else if (key == "occurrence") {
    good = value == "f" || value == "l" || value == "a";
    if (good) settings.occurrence = value[0];
  } else if (key == "quote") {
    good = value == "d" || value == "s" || value == "n";
    settings.quote = value == "d" ? '"' : value == "s" ? '\'' : '\0';
  }
  if (good) return {};
  return fail(Exit::bad_input, say("-E takes header=y|n, separator=X, occurrence=f|l|a, "
                                   "aggregator=X, quote=d|s|n or bom=y|n, not \"{}\"",
                                   harmless(setting)));
}

}  // namespace

Result<std::unique_ptr<output::Output>> packet_form(const Parsed& options, const Io& io,
                                                    output::Settings& settings) {
  settings.terminal = io.terminal;
  const auto time = time_format(options);
  if (!time) return fail(time);
  settings.time = *time;
  for (const auto setting : options.all("E"))
    if (auto set = field_setting(setting, settings); !set) return fail(set);
  for (const auto field : options.all("e")) settings.fields.emplace_back(field);
  const auto form = options.last("T").value_or("text");
  settings.group_keys = options.has("no-duplicate-keys");
  for (const auto* letter : {"j", "J"})
    for (auto words = options.last(letter).value_or(""); !words.empty();) {
      const auto end = std::min(words.find_first_of(" ,"), words.size());
      if (end > 0) settings.protocols.emplace_back(words.substr(0, end));
      words.remove_prefix(std::min(words.size(), end + 1));
      settings.protocols_inside = *letter == 'J';
    }
  if (form == "json") return output::make_tshark_json(settings);
  if (form == "fields") return output::make_fields(settings);
  if (form == "tabs") return output::make_tabs(settings);
  if (form != "text")
    return fail(Exit::bad_input,
                say("-T takes text, tabs, fields or json, not \"{}\"", harmless(form)));
  if (!settings.fields.empty()) return fail(Exit::bad_input, say("-e goes with -T fields"));
  if (io.json) return output::make_json(settings);
  if (options.has("V") || options.has("O")) {
    for (auto words = options.last("O").value_or(""); !words.empty();) {
      const auto end = std::min(words.find(','), words.size());
      settings.details.emplace_back(words.substr(0, end));
      words.remove_prefix(std::min(words.size(), end + 1));
    }
    for (const auto& word : settings.details) {
      const parse::Word* known = parse::find_word(word);
      if (known != nullptr && known->is_layer) continue;
      const auto near = parse::nearest_word(word);
      return fail(Exit::bad_input, near.empty()
                                       ? say("-O: there is no protocol \"{}\"", harmless(word))
                                       : say("-O: there is no protocol \"{}\": did you mean {}?",
                                             harmless(word), near));
    }
    return output::make_tree(settings);
  }
  return output::make_list(settings);
}

}  // namespace trama
