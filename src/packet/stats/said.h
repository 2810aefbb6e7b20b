// What a program said, written in one of tshark's forms of "follow".
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "packet/stats/assembly.h"

namespace trama::stats {

enum class Form : u8 { ascii, ebcdic, hex, raw, yaml };

std::string_view name_of(Form form);
std::optional<Form> form_named(std::string_view name);
// All names, for sentences.
inline constexpr std::string_view form_names = "ascii, ebcdic, hex, raw, yaml";

struct Said {
  unsigned node = 0;  // 0 spoke first; 1 is the other end
  std::string_view bytes;
  u64 before = 0;  // bytes that this end said before
  Stamp stamp;
};

void append_said(std::string& text, Form form, const Said& said);

}  // namespace trama::stats
