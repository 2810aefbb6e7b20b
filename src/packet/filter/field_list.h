// All words that filters, -e and --json know, as lists for people: trama fields and docs/fields.md.
#pragma once
#include <string>

#include "packet/parse/words.h"

namespace trama::filter {

// "sender's port", for words that stand for two fields "sender's port; receiver's port".
std::string meaning_of(const parse::Word& word);
// For JSON, never translated: "unsigned", "ipv4", "text".
std::string_view kind_of(const parse::Word& word);

// docs/fields.md, in the language spoken.
std::string fields_document();

}  // namespace trama::filter
