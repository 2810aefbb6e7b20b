// Every sentence that a person reads goes through say(). Its key is the English sentence;
// po/pt_BR.po holds the Portuguese one, compiled into the binary, so one copied file speaks both
// languages on a machine without locales. Protocol words, states, JSON keys and filter words are
// never translated.
#pragma once
#include <fmt/core.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace trama {

enum class Language { english, portuguese };

// Set once by main before any thread exists; everything else only reads it.
void speak(Language language);
Language spoken();

// "pt_BR.UTF-8", "pt", "en_US", "C" -> a language; English where it is none of ours.
Language language_of(std::string_view locale);

// From LC_ALL, LC_MESSAGES, LANG (the first that is set and not empty), as setlocale(3) does.
Language language_of_environment();

// The sentence in the language spoken; the key itself where the catalogue has none.
std::string_view translated(std::string_view key);

// The same where a number chooses the form ("{} packet", "{} packets").
std::string_view translated(std::string_view one, std::string_view many, unsigned long long count);

// All keys of the compiled catalogue and their translations, for the tests.
struct Entry {
  std::string_view key, text;  // a plural's forms are separated by '\0', as gettext keeps them
};
unsigned catalogue_size();
Entry catalogue_entry(unsigned index);

template <class... Args>
std::string say(fmt::format_string<Args...> key, Args&&... args) {
  const fmt::string_view english = key;
  const auto text = translated({english.data(), english.size()});
  return fmt::vformat({text.data(), text.size()}, fmt::make_format_args(args...));
}

// say_n("{} packet", "{} packets", n, n): the first n chooses the form, the rest fill it.
template <class... Args>
std::string say_n(fmt::format_string<Args...> one, fmt::format_string<Args...> many,
                  unsigned long long count, Args&&... args) {
  const fmt::string_view first = one;
  const fmt::string_view second = many;
  const auto text = translated({first.data(), first.size()}, {second.data(), second.size()}, count);
  return fmt::vformat({text.data(), text.size()}, fmt::make_format_args(args...));
}

// Marks a sentence in a table for the catalogue; the reader of the table translates it.
#define N_(sentence) sentence

}  // namespace trama
