// What a word such as "tcp.port" stands for: the look-up that filter, columns and -e share.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/header.h"

namespace trama::parse {

struct Meaning {
  const wire::Field* field;
  const wire::Header* header;  // whose field it is
  u8 header_id;                // its presence bit in Packet::has; wire::nothing: it has none
  bool fixed;         // bits at a place in the header; else a walk or a later stage finds it
  wire::Stage stage;  // what must have run for its values to be there
};

struct Word {
  std::string_view word;
  std::vector<Meaning> meanings;  // tcp.port has two
  bool is_layer = false;          // "tcp" itself
};

// Case does not matter ("TCP.PORT"); nullptr where there is no such word.
const Word* find_word(std::string_view word);
// All words, sorted.
std::span<const Word> all_words();
// The word that a mistyped one most likely meant; "" where none is near.
std::string_view nearest_word(std::string_view word);

// True where the two fields show values of the same kind (numbers compare with numbers, ...).
bool is_number(wire::Show show);
bool is_bytes(wire::Show show);

}  // namespace trama::parse
