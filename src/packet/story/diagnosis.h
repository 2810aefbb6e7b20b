// What went wrong in a conversation, the most important cause first: one sentence with the packets
// that prove it, and what to try next. The rules are the rows of diagnosis.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "packet/story/book.h"

namespace trama::story {

enum class Weight : u8 { fatal, trouble, remark };  // it failed; it was slow; worth knowing

struct Finding {
  std::string_view rule;  // its name in JSON: never translated
  Weight weight = Weight::remark;
  unsigned rank = 0;  // of its row: a smaller one matters more
  std::string says, advice;
  std::vector<u64> frames;  // the proof
};

// All that holds, the most important first; empty where nothing is wrong.
std::vector<Finding> diagnose(const Story& story);

}  // namespace trama::story
