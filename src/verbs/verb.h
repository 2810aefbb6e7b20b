// A verb is one file in this folder and one line in main.cpp: what it is called, what its help
// says, which options it takes, and the function that runs it.
#pragma once
#include <span>
#include <string_view>

#include "base/options.h"
#include "base/out.h"
#include "base/result.h"
#include "base/say.h"
#include "base/terminal.h"

namespace trama {

// What a verb may touch of the outer world.
struct Io {
  Out& out;           // answers
  Out& err;           // messages
  Terminal terminal;  // of out
  bool json =
      false;  // --json: out gets one JSON object a line (base/json.h), people's text goes nowhere
};

struct Example {
  std::string_view command;  // "trama serve tcp 65432"
  std::string_view meaning;  // a key of the catalogue
};

struct Verb {
  std::string_view name;
  std::string_view
      summary;  // one line; a key of the catalogue, as all texts below but the synopsis
  std::string_view synopsis;  // "[tcp|udp] [HOST:]PORT..."
  std::span<const Example> examples;
  std::span<const Option> options;
  std::string_view notes;  // paragraphs below the options; may be empty
  Result<Exit> (*run)(const Parsed& options, Io& io);
  // A list that the help shows above the notes, made from a table; nullptr for none.
  std::string (*list)() = nullptr;
  // A verb that takes the place of a tool of its name, also where the program is called by that
  // name (argv[0]): it gets the words as they are, and gives the tool's own exit status.
  int (*stands_in)(const Verb& verb, std::span<char* const> words, Io& io) = nullptr;
};

// The options that every verb takes: --help, --json, --lang, --no-color.
std::span<const Option> common_options();

// Finds the verb that argv names, reads its options, runs it; prints help and errors.
// Returns the process's exit status. `home` is the verb that a wrong first word is compared with.
int run_program(std::span<const Verb* const> verbs, int argc, char** argv);

// One verb's help and the list of verbs, as --help prints them.
std::string help_of(const Verb& verb, const Terminal& terminal);
std::string overview(std::span<const Verb* const> verbs, const Terminal& terminal);

}  // namespace trama
