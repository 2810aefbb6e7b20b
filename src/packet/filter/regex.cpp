#define PCRE2_CODE_UNIT_WIDTH 8
#include "packet/filter/regex.h"

#include <pcre2.h>

#include "base/say.h"

namespace trama::filter {

// Steps of one match: a packet has at most 256 KiB, so an honest pattern stays far below.
constexpr u32 most_steps = 1'000'000;
constexpr u32 deepest_pattern = 100;

void Regex::Free::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }
void Regex::Free::operator()(pcre2_real_match_data_8* data) const { pcre2_match_data_free(data); }
void Regex::Free::operator()(pcre2_real_match_context_8* context) const {
  pcre2_match_context_free(context);
}

Checked<Regex> Regex::compile(std::string_view pattern, Where where) {
  int trouble = 0;
  PCRE2_SIZE offset = 0;
  const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context{
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free};
  pcre2_set_parens_nest_limit(context.get(), deepest_pattern);
  Regex regex;
  regex.code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                  PCRE2_CASELESS | PCRE2_NEVER_UTF, &trouble, &offset,
                                  context.get()));
  if (regex.code_ == nullptr) {
    char text[160] = "";
    pcre2_get_error_message(trouble, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof text);
    return complain(where, say("not a regular expression: {} (at character {} of the pattern)",
                               text, offset + 1));
  }
  pcre2_jit_compile(regex.code_.get(), PCRE2_JIT_COMPLETE);  // without it matching is only slower
  regex.data_.reset(pcre2_match_data_create(1, nullptr));
  regex.context_.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(regex.context_.get(), most_steps);
  return regex;
}

bool Regex::found_in(Bytes bytes) const {
  static constexpr u8 none = 0;
  const u8* const data = bytes.empty() ? &none : bytes.data();
  return pcre2_match(code_.get(), data, bytes.size(), 0, 0, data_.get(), context_.get()) >= 0;
}

}  // namespace trama::filter
