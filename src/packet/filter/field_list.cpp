#include "packet/filter/field_list.h"

#include <fmt/format.h>

#include <iterator>

#include "base/say.h"
#include "packet/filter/values.h"

namespace trama::filter {

std::string meaning_of(const parse::Word& word) {
  std::string text;
  if (word.is_layer) return std::string{word.meanings.front().header->name};
  for (const parse::Meaning& meaning : word.meanings) {
    const auto label = meaning.field->label;
    if (label.empty()) continue;
    const auto translation = translated(label);
    if (text.find(translation) != text.npos) continue;
    if (!text.empty()) text += "; ";
    text += translation;
  }
  return text;
}

std::string_view kind_of(const parse::Word& word) {
  constexpr std::string_view kinds[] = {"unsigned", "signed",  "boolean", "ether",
                                        "ipv4",     "ipv6",    "bytes",   "protocol",
                                        "text",     "seconds", "time",    "presence"};
  return kinds[static_cast<unsigned>(type_of(*word.meanings.front().field).sort)];
}

std::string fields_document() {
  std::string text = "# " + say("Fields") + "\n\n" +
                     say("Every word that `-Y`, `-e` and `--json` know, made from the tables in "
                         "`src/wire/protocols/` and `src/packet/parse/`: `trama fields WORD` finds "
                         "one. The words are Wireshark's.") +
                     "\n";
  const wire::Header* header = nullptr;
  for (const parse::Word& word : parse::all_words()) {
    const parse::Meaning& meaning = word.meanings.front();
    if (word.is_layer || header == nullptr) {
      if (meaning.header != header) {
        header = meaning.header;
        fmt::format_to(std::back_inserter(text),
                       "\n## {}: {}\n\n| {} | {} | {} |\n| --- | --- | --- |\n", header->word,
                       header->name, say("word"), say("kind"), say("meaning"));
      }
      continue;
    }
    fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} |\n", word.word, kind_of(word),
                   meaning_of(word));
  }
  return text;
}

}  // namespace trama::filter
