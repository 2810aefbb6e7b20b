// What nc was asked to do: its words, checked with its sentences, as requests to trama's engines.
#pragma once
#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "verbs/netcat_words.h"

namespace trama {

// nc's `nc: ...` on standard error, and its status.
struct NcRefusal {
  std::string sentence;  // "" where all is said
};
template <class T>
using NcChecked = tl::expected<T, NcRefusal>;

struct NcPlan {
  connect::Request request;
  std::vector<u16> ports;
  bool listens = false, keeps = false, tries = false, verbose = false, numeric = false;
  bool hands_over = false;
  std::chrono::seconds pause{0};
};

NcChecked<NcPlan> nc_plan_of(const NetcatWords& words);

}  // namespace trama
