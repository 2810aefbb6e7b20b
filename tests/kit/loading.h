// `trama load` as a test runs it, and what it told.
#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "kit/program.h"

namespace trama::tests {

inline Ended load(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), {"load", "127.0.0.1"});
  return run(trama(arguments), {}, std::move(environment));
}

inline Ended load_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return load(std::move(arguments));
}

inline unsigned long long number_in(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":");
  if (at == json.npos) {
    ADD_FAILURE() << key << " is not in: " << json;
    return 0;
  }
  return std::stoull(json.substr(at + key.size() + 3));
}

inline bool tells(const Ended& ended, std::string_view part) {
  return (ended.out + ended.err).find(part) != std::string::npos;
}

}  // namespace trama::tests
