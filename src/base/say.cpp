#include "base/say.h"

#include <cstdlib>
#include <cstring>

#include "base/bytes.h"

// The catalogue that msgfmt made of po/pt_BR.po, embedded by catalogue.S.
extern "C" const char trama_catalogue_pt_BR[];  // NOLINT: the file's own name

namespace trama {
namespace {

Language language = Language::english;

// A reader of GNU MO files (gettext manual, "The Format of GNU MO Files"), made for this machine's
// byte order. The file is our own, so its offsets are trusted.
class Catalogue {
 public:
  explicit Catalogue(const char* file) : file_(file) {}
  [[nodiscard]] u32 size() const { return word(8); }
  [[nodiscard]] std::string_view key(u32 i) const { return text(word(12) + 8 * i); }
  [[nodiscard]] std::string_view value(u32 i) const { return text(word(16) + 8 * i); }

  // Keys are sorted as strcmp sorts; a plural's key is "one\0many" and is found by its first part.
  [[nodiscard]] std::string_view find(std::string_view wanted) const {
    u32 low = 0;
    u32 high = size();
    while (low < high) {
      const u32 middle = low + (high - low) / 2;
      const auto here = first_form(key(middle));
      if (here == wanted) return value(middle);
      if (here < wanted)
        low = middle + 1;
      else
        high = middle;
    }
    return {};
  }

  static std::string_view first_form(std::string_view forms) {
    return forms.substr(0, forms.find('\0'));
  }

 private:
  [[nodiscard]] u32 word(u32 at) const {
    u32 value = 0;
    std::memcpy(&value, file_ + at, sizeof value);
    return value;
  }
  [[nodiscard]] std::string_view text(u32 at) const { return {file_ + word(at + 4), word(at)}; }

  const char* file_;
};

const Catalogue portuguese{trama_catalogue_pt_BR};

}  // namespace

void speak(Language wanted) { language = wanted; }
Language spoken() { return language; }

Language language_of(std::string_view locale) {
  return locale.substr(0, 2) == "pt" &&
                 (locale.size() == 2 || locale[2] == '_' || locale[2] == '-' || locale[2] == '.')
             ? Language::portuguese
             : Language::english;
}

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
      return language_of(value);
  return Language::english;
}

std::string_view translated(std::string_view key) {
  if (language == Language::english || key.empty()) return key;
  const auto found = portuguese.find(key);
  return found.empty() ? key : Catalogue::first_form(found);
}

std::string_view translated(std::string_view one, std::string_view many, unsigned long long count) {
  if (language == Language::english) return count == 1 ? one : many;
  const auto forms = portuguese.find(one);
  if (forms.empty()) return count == 1 ? one : many;
  const auto first = Catalogue::first_form(forms);  // Portuguese: one form up to 1, one above
  if (count <= 1 || first.size() == forms.size()) return first;
  return forms.substr(first.size() + 1);
}

unsigned catalogue_size() { return portuguese.size(); }
Entry catalogue_entry(unsigned index) { return {portuguese.key(index), portuguese.value(index)}; }

}  // namespace trama
