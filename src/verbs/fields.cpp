// trama fields: the words that filters and -e know.
#include <algorithm>

#include "base/json.h"
#include "packet/filter/field_list.h"
#include "packet/filter/values.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama fields window",         N_("every field with window in its word or meaning")},
    {"trama fields tcp.flags",      N_("the flags of TCP")                              },
    {"trama fields --json | wc -l", N_("how many there are")                            },
};

std::string lower(std::string_view text) {
  std::string small{text};
  std::transform(small.begin(), small.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return small;
}

void show(const parse::Word& word, unsigned widest, Io& io) {
  const parse::Meaning& meaning = word.meanings.front();
  const std::string says = filter::meaning_of(word);
  if (io.json) {
    JsonLine line{"field"};
    line.text("word", word.word).text("kind", filter::kind_of(word));
    io.out.write(line.text("header", meaning.header->word).text("meaning", says).line());
    return;
  }
  io.out.print(
      "{}  {}  {}\n", io.terminal.paint(Colour::cyan, padded(word.word, widest)),
      io.terminal.paint(Colour::dim, padded(filter::name_of(filter::type_of(*meaning.field)), 22)),
      says);
}

Result<Exit> run(const Parsed& given, Io& io) {
  if (given.operands.size() > 1)
    return fail(Exit::bad_input, say("trama fields takes one word, or none for all"));
  const std::string wanted = given.operands.empty() ? "" : lower(given.operands.front());
  std::vector<const parse::Word*> found;
  for (const parse::Word& word : parse::all_words())
    if (word.word.find(wanted) != word.word.npos ||
        lower(filter::meaning_of(word)).find(wanted) != std::string::npos)
      found.push_back(&word);
  if (found.empty()) {
    const auto near = parse::nearest_word(wanted);
    return fail(Exit::no, near.empty() ? say("no field's word or meaning has \"{}\"; trama fields "
                                             "lists all",
                                             harmless(wanted))
                                       : say("no field's word or meaning has \"{}\": did you mean "
                                             "{}?",
                                             harmless(wanted), near));
  }
  unsigned widest = 0;
  for (const parse::Word* word : found) widest = std::max(widest, width(word->word));
  for (const parse::Word* word : found) show(*word, std::min(widest, 40U), io);
  return Exit::yes;
}

}  // namespace

extern const Verb fields_verb;
const Verb fields_verb{"fields",
                       N_("lists the words that filters and -e know"),
                       "[WORD] [--json]",
                       examples,
                       {},
                       N_("The words are Wireshark's; their case does not matter."),
                       run};

}  // namespace trama
