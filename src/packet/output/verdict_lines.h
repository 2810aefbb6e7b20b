// The lines above a story that say what went wrong, with proof and advice, and how a transfer went.
#pragma once
#include <span>
#include <string>

#include "base/json.h"
#include "base/terminal.h"
#include "packet/story/diagnosis.h"

namespace trama::output {

// "TCP 10.0.0.1:40000 → 10.0.0.2:80".
std::string name_of(const story::Story& story, const Terminal& terminal);

// One finding: its sentence, and what to try next below it.
std::string finding_lines(const story::Finding& finding, const Terminal& terminal);
std::string finding_json(const story::Finding& finding, const story::Story& story);

// "1,204 segments, 1.7 MB to the server in 1.2 s  ▁▃▇█"; "" for short ones.
std::string transfer_lines(const story::Story& story, const Terminal& terminal);
std::string fold_json(const story::Fold& fold, const story::Story& story);
std::string fold_text(const story::Fold& fold, const Terminal& terminal);

// Of all conversations: the most important findings, like ones told once.
std::string overview(std::span<const story::Story* const> stories, const Terminal& terminal);

}  // namespace trama::output
