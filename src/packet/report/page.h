// A report as one document: HTML that needs nothing but itself and prints well, or Markdown for a
// repository.
#pragma once
#include <string>

#include "packet/report/facts.h"

namespace trama::report {

struct About {
  std::string source;   // what was read: "lab.pcapng"
  std::string made_at;  // "2026-11-22 15:04"
};

// Rows of the table of conversations.
inline constexpr std::size_t most_listed = 500;

std::string html_of(const Facts& facts, const About& about);
std::string markdown_of(const Facts& facts, const About& about);

}  // namespace trama::report
