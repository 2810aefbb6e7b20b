// What a capture answers of a networking course's questions. In every paragraph "#12" names a
// packet, which the report links.
#pragma once
#include <string>
#include <vector>

#include "packet/report/facts.h"

namespace trama::report {

struct Answer {
  std::string question;
  std::vector<std::string> paragraphs;
  std::vector<std::vector<std::string>> table;  // the first row is the head; may be empty
};

// Only those that the capture has packets for.
std::vector<Answer> answers_of(const Facts& facts);

// How much there is, in a line.
std::string overview_of(const Facts& facts);

// "#3, #5 and 4 more".
std::string list_of(const Numbers& numbers);

}  // namespace trama::report
