// Conversations by their numbers, as follow and graph are given them.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trama {

struct StreamName {
  bool tcp = true;
  u32 number = 0;  // tcp.stream or udp.stream
};

// "7" and "tcp:7", "udp:3"; nullopt for anything else.
std::optional<StreamName> stream_named(std::string_view text);
// The sentence for one that a file does not have; `count`: how many of its protocol there are.
std::string no_such_stream(const StreamName& stream, u64 count);

}  // namespace trama
