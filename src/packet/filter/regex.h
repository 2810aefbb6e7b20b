// A compiled regular expression (PCRE2, with JIT where the machine has it): case does not matter
// unless the pattern says (?-i), bytes are bytes, and a runaway pattern stops.
#pragma once
#include <memory>

#include "packet/filter/ast.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

namespace trama::filter {

class Regex {
 public:
  // Complains in PCRE2's own (English) words, at the place of the pattern.
  static Checked<Regex> compile(std::string_view pattern, Where where);

  [[nodiscard]] bool found_in(Bytes bytes) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
    void operator()(pcre2_real_match_data_8* data) const;
    void operator()(pcre2_real_match_context_8* context) const;
  };
  std::unique_ptr<pcre2_real_code_8, Free> code_;
  std::unique_ptr<pcre2_real_match_data_8, Free> data_;
  std::unique_ptr<pcre2_real_match_context_8, Free> context_;
};

}  // namespace trama::filter
