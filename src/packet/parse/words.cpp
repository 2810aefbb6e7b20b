#include "packet/parse/words.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/options.h"
#include "packet/parse/parser.h"
#include "wire/registry.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

// The order of words; a word's case does not matter (sip.Method).
bool before(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return lower(x) < lower(y); });
}

bool same_letters(std::string_view a, std::string_view b) {
  return a.size() == b.size() && !before(a, b) && !before(b, a);
}

// Every run needs it, and most of them for a word or two: it is not sorted.
using Words = boost::unordered_flat_map<std::string_view, Word>;

Words collect() {
  Words words;
  words.reserve(4096);
  const auto add = [&](std::string_view word, const Meaning& meaning) -> Word& {
    Word& entry = words[word];
    entry.word = word;
    const bool same = std::any_of(entry.meanings.begin(), entry.meanings.end(),
                                  [&](const Meaning& m) { return m.field == meaning.field; });
    if (!same) entry.meanings.push_back(meaning);  // headers may share what their walks find
    return entry;
  };
  for (HeaderId id = 0; id < header_count; ++id) {
    const Header& header = *headers[id];
    const Stage stage = &header == &data ? Stage::parse : Stage::dissect;
    add(header.word, {&header.whole, &header, id, false, stage}).is_layer = true;
    for (const Field& field : header.fields)
      if (!field.word.empty()) add(field.word, {&field, &header, id, true, field.stage});
    for (const Field& field : header.found)
      add(field.word, {&field, &header, id, false, field.stage});
  }
  for (const Parser* parser : parsers()) {
    const Header& header = parser->header;
    add(header.word, {&header.whole, &header, nothing, false, Stage::parse}).is_layer = true;
    for (const Field& field : header.found)
      add(field.word, {&field, &header, nothing, false, Stage::parse});
  }
  const auto alias = [&](const Header& header) {
    for (const Alias& alias : header.aliases)
      for (const auto word : {alias.first, alias.second})
        for (const Meaning& meaning : std::vector<Meaning>{words[word].meanings})
          add(alias.word, meaning);
  };
  for (const Header* header : headers) alias(*header);
  for (const Parser* parser : parsers()) alias(parser->header);
  return words;
}

const Words& table() {
  static const Words words = collect();
  return words;
}

}  // namespace

const Word* find_word(std::string_view word) {
  const Words& words = table();
  if (const auto found = words.find(word); found != words.end()) return &found->second;
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& entry) {
    return same_letters(entry.first, word);
  });
  return found != words.end() ? &found->second : nullptr;
}

std::span<const Word> all_words() {
  static const std::vector<Word> sorted = [] {
    std::vector<Word> all;
    for (const auto& [word, entry] : table()) all.push_back(entry);
    std::sort(all.begin(), all.end(), [](const Word& a, const Word& b) {
      return same_letters(a.word, b.word) ? a.word < b.word : before(a.word, b.word);
    });
    return all;
  }();
  return sorted;
}

std::string_view nearest_word(std::string_view word) {
  std::vector<std::string_view> words;
  for (const Word& entry : all_words()) words.push_back(entry.word);
  return nearest(word, words);
}

bool is_number(Show show) {
  return show == Show::dec || show == Show::signed_dec || show == Show::hex2 ||
         show == Show::hex4 || show == Show::hex6 || show == Show::hex8 || show == Show::flag;
}

bool is_bytes(Show show) {
  return show == Show::bytes || show == Show::ether || show == Show::layer;
}

}  // namespace trama::parse
