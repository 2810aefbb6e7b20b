// A complaint as a person sees it: the sentence, the filter on a line of its own, and a caret line
// under the place. A capture filter (BPF) typed in a display filter's place is recognised.
#pragma once
#include "packet/filter/ast.h"

namespace trama::filter {

std::string explained(const Complaint& complaint, std::string_view text);

// The display filter that says what a simple capture filter ("tcp port 80") says; "" where the text
// does not look like one, "?" where it does and has no short translation.
std::string from_capture_filter(std::string_view text);

}  // namespace trama::filter
