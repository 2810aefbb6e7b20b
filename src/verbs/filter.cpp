// trama filter: says in words what a display filter keeps, and warns of the classic mistakes.
#include "packet/filter/filter.h"

#include "base/json.h"
#include "packet/filter/meaning.h"
#include "packet/filter/parser.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama filter 'tcp.port == 80 and not ip.addr == 10.0.0.1'", N_("what it keeps")           },
    {"trama filter 'tcp.flags.syn'",                              N_("a mistake that many make")},
};

void tell_json(const filter::Meanings& meanings, std::string_view text, Io& io) {
  const auto typed = [&](const filter::Where& where) {
    return text.substr(where.at, where.end - where.at);
  };
  for (const filter::Part& part : meanings.parts)
    io.out.write(JsonLine{"filter.part"}
                     .number("depth", part.depth)
                     .text("text", typed(part.where))
                     .text("says", part.says)
                     .line());
  for (const filter::Warning& warning : meanings.warnings)
    io.out.write(JsonLine{"filter.warning"}
                     .text("kind", warning.kind)
                     .text("text", typed(warning.where))
                     .text("says", warning.says)
                     .line());
}

Result<Exit> run(const Parsed& given, Io& io) {
  std::string text;
  for (const auto word : given.operands) text += fmt::format("{}{}", text.empty() ? "" : " ", word);
  if (const auto typed = given.last("Y")) text = *typed;
  if (auto parsed = filter::Filter::parse(text); !parsed) return fail(parsed);
  const auto node = filter::parse_text(text);
  if (!node || !node->has_value()) {
    io.out.print("{}\n", say("an empty filter keeps every packet"));
    return Exit::yes;
  }
  const filter::Meanings meanings = filter::meanings_of(**node, text);
  if (io.json) {
    tell_json(meanings, text, io);
    return Exit::yes;
  }
  io.out.print("{}\n", say("keeps packets where"));
  for (const filter::Part& part : meanings.parts)
    io.out.print("{:{}}{}\n", "", 2 + 2 * part.depth, io.terminal.spell(part.says));
  for (const filter::Warning& warning : meanings.warnings)
    io.out.print("{} {}\n", io.terminal.paint(Colour::yellow, say("note:")),
                 io.terminal.spell(warning.says));
  return Exit::yes;
}

constexpr Option options[] = {
    {"", "Y", "FILTER", "", N_("the filter; or just write it")},
};

}  // namespace

extern const Verb filter_verb;
const Verb filter_verb{"filter", N_("says in words what a display filter keeps"),
                       "FILTER", examples,
                       options,  N_("The language is Wireshark's; trama fields lists the words."),
                       run};

}  // namespace trama
