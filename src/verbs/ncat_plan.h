// What ncat was asked to do: its words, checked with its sentences, as requests to trama's engines.
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/address.h"
#include "verbs/netcat_words.h"

namespace trama {

// Why it cannot begin, in ncat's words where it has some.
struct NcatQuit {
  std::string sentence;
};
template <class T>
using NcatChecked = tl::expected<T, NcatQuit>;

struct NcatPlan {
  connect::Request request;
  u16 port = 31337;
  bool listens = false, keeps = false, tries = false, brokers = false, chats = false;
  unsigned verbosity = 0;
  u64 most = 100;
  std::vector<Cidr> allow, deny;
};

NcatChecked<NcatPlan> ncat_plan_of(const NetcatWords& words);

}  // namespace trama
