#include "verbs/verb.h"

#include <algorithm>
#include <csignal>
#include <vector>

namespace trama {
namespace {

constexpr Option common[] = {
    {"help",     "h", "",     "", N_("this help")                                             },
    {"json",     "",  "",     "", N_("answers as JSON, one object a line, for other programs")},
    {"lang",     "",  "LANG", "", N_("en or pt_BR; otherwise LC_ALL, LC_MESSAGES or LANG")    },
    {"no-color", "",  "",     "", N_("no colours, as with NO_COLOR")                          },
};

constexpr std::string_view version = TRAMA_VERSION;

unsigned widest(std::span<const Option> rows) {
  unsigned most = 0;
  for (const Option& row : rows) most = std::max(most, width(spelled(row)));
  return most;
}

void append_options(std::string& text, std::span<const Option> rows, unsigned column) {
  for (const Option& row : rows) {
    text += fmt::format("  {}  {}", padded(spelled(row), column), translated(row.help));
    if (!row.preset.empty()) text += fmt::format(" ({})", row.preset);
    text += '\n';
  }
}

// --lang counts wherever it stands, so that even a usage error is told in the right language.
void choose_language(std::span<char* const> arguments) {
  speak(language_of_environment());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (word == "--") return;
    if (word.starts_with("--lang=")) speak(language_of(word.substr(7)));
    if (word == "--lang" && i + 1 < arguments.size()) speak(language_of(arguments[i + 1]));
  }
}

// What users of other tools type by habit.
std::string_view verb_of_tool(std::string_view tool) {
  constexpr std::pair<std::string_view, std::string_view> tools[] = {
      {"netcat",    "nc"     },
      {"telnet",    "connect"},
      {"netstat",   "sockets"},
      {"ss",        "sockets"},
      {"lsof",      "sockets"},
      {"nmap",      "scan"   },
      {"tshark",    "read"   },
      {"tcpdump",   "capture"},
      {"wireshark", "capture"}
  };
  for (const auto& [name, verb] : tools)
    if (name == tool) return verb;
  return {};
}

// "/usr/local/bin/ncat" -> the verb ncat, where it stands in for that tool.
const Verb* verb_by_name_of(std::span<const Verb* const> verbs, std::string_view program) {
  const auto name = program.substr(program.rfind('/') + 1);
  const auto found = std::find_if(verbs.begin(), verbs.end(), [&](const Verb* v) {
    return v->stands_in != nullptr && (v->name == name || (name == "netcat" && v->name == "nc"));
  });
  return found == verbs.end() ? nullptr : *found;
}

int stand_in(const Verb& verb, std::span<char* const> words, Out& out, Out& err) {
  Io io{out, err, terminal_of(1)};
  const int status = verb.stands_in(verb, words, io);
  out.flush();
  err.flush();
  return status;
}

int complain(Out& err, const Terminal& terminal, std::string_view sentence, Exit exit) {
  if (!sentence.empty()) err.print("{} {}\n", terminal.paint(Colour::red, "trama:"), sentence);
  err.flush();
  return static_cast<int>(exit);
}

Result<Exit> run(const Verb& verb, std::span<char* const> arguments, Out& out, Out& err) {
  const auto parsed = parse_options(verb.options, common, arguments);
  if (!parsed) return fail(parsed);
  if (const auto lang = parsed->last("lang");
      lang && *lang != "en" && !lang->starts_with("en_") && language_of(*lang) == Language::english)
    return fail(Exit::bad_input, say("--lang takes en or pt_BR, not \"{}\"", *lang));
  Terminal terminal = terminal_of(1);
  if (parsed->has("no-color")) terminal.colour = false;
  if (parsed->has("help")) {
    out.write(help_of(verb, terminal));
    return Exit::yes;
  }
  Io io{out, err, terminal, parsed->has("json")};
  return verb.run(*parsed, io);
}

}  // namespace

std::span<const Option> common_options() { return common; }

std::string help_of(const Verb& verb, const Terminal& terminal) {
  std::string text = fmt::format("trama {}: {}\n\n", verb.name, translated(verb.summary));
  unsigned column = 0;
  for (const Example& example : verb.examples) column = std::max(column, width(example.command));
  for (const Example& example : verb.examples)
    text += fmt::format("  {}  {}\n", terminal.paint(Colour::bold, padded(example.command, column)),
                        translated(example.meaning));
  text += fmt::format("\n{} trama {} {}\n\n", say("usage:"), verb.name, verb.synopsis);
  const unsigned options = std::min(32U, std::max(widest(verb.options), widest(common)));
  append_options(text, verb.options, options);
  if (verb.stands_in == nullptr) append_options(text, common, options);
  if (verb.list != nullptr) text += fmt::format("\n{}", verb.list());
  if (!verb.notes.empty()) text += fmt::format("\n{}\n", translated(verb.notes));
  return text;
}

std::string overview(std::span<const Verb* const> verbs, const Terminal& terminal) {
  std::string text =
      fmt::format("trama {}: {}\n\n", version,
                  say("opens, probes, watches and explains TCP and UDP connections"));
  text += fmt::format("  {}  {}\n\n", terminal.paint(Colour::bold, "trama lab"),
                      say("see a real TCP and a real UDP conversation, explained step by step"));
  unsigned column = 0;
  for (const Verb* verb : verbs) column = std::max(column, width(verb->name));
  for (const Verb* verb : verbs)
    text += fmt::format("  {}  {}\n", terminal.paint(Colour::bold, padded(verb->name, column)),
                        translated(verb->summary));
  text += fmt::format("\n{}\n", say("trama VERB --help shows examples and options of one."));
  return text;
}

int run_program(std::span<const Verb* const> verbs, int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that leaves is an errno (base/out.h)
  const std::span<char* const> arguments{argv, static_cast<std::size_t>(argc)};
  choose_language(arguments.subspan(std::min<std::size_t>(1, arguments.size())));
  Out out{1};
  Out err{2};
  Terminal terminal = terminal_of(2);
  if (const Verb* verb = argc > 0 ? verb_by_name_of(verbs, argv[0]) : nullptr; verb != nullptr)
    return stand_in(*verb, arguments.subspan(1), out, err);
  const auto finish = [&](Exit exit) {
    out.flush();
    if (out.failed() != 0)
      return complain(err, terminal, say("output was lost: {}", errno_text(out.failed())),
                      Exit::lost_output);
    return static_cast<int>(exit);
  };
  std::vector<char*> words{arguments.begin() + std::min(1, argc), arguments.end()};
  std::vector<char*> language;  // trama --lang pt verb: the verb checks it
  while (!words.empty() &&
         std::string_view{words[0]}.starts_with("--lang")) {  // trama --lang pt verb
    const bool attached = std::string_view{words[0]}.find('=') != std::string_view::npos;
    const long taken = attached ? 1 : 2;
    if (taken >= std::ssize(words)) break;  // no verb follows
    language.insert(language.end(), words.begin(), words.begin() + taken);
    words.erase(words.begin(), words.begin() + taken);
  }
  const std::string_view first = words.empty() ? std::string_view{} : words[0];
  if (first.empty() || first == "help" || first == "--help" || first == "-h") {
    const std::string_view topic = words.size() > 1 ? words[1] : std::string_view{};
    const auto about =
        std::find_if(verbs.begin(), verbs.end(), [&](const Verb* v) { return v->name == topic; });
    out.write(about == verbs.end() ? overview(verbs, terminal_of(1))
                                   : help_of(**about, terminal_of(1)));
    return finish(first.empty() ? Exit::bad_input : Exit::yes);
  }
  if (first == "--version" || first == "version") {
    out.print("trama {}\n", version);
    return finish(Exit::yes);
  }
  const auto found =
      std::find_if(verbs.begin(), verbs.end(), [&](const Verb* v) { return v->name == first; });
  if (found != verbs.end() && (*found)->stands_in != nullptr)
    return stand_in(**found, std::span{words}.subspan(1), out, err);
  words.insert(words.begin() + (words.empty() ? 0 : 1), language.begin(), language.end());
  if (found == verbs.end()) {
    std::vector<std::string_view> names;
    for (const Verb* verb : verbs) names.push_back(verb->name);
    const auto known = verb_of_tool(first);
    const auto meant = known.empty() ? nearest(first, names) : known;
    return complain(
        err, terminal,
        meant.empty()
            ? say("there is no verb \"{}\"; trama --help lists all", harmless(first))
            : say("there is no verb \"{}\": did you mean trama {}?", harmless(first), meant),
        Exit::bad_input);
  }
  const auto ended = run(**found, std::span{words}.subspan(1), out, err);
  out.flush();
  if (out.failed() != 0)
    return complain(err, terminal, say("output was lost: {}", errno_text(out.failed())),
                    Exit::lost_output);
  if (!ended) return complain(err, terminal, ended.error().sentence, ended.error().exit);
  return complain(err, terminal, "", *ended);
}

}  // namespace trama
