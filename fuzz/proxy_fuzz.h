// Any bytes as a proxy's answers: the dialogue must take them in pieces of the size that it wants,
// stay bounded, and end in an open way or a sentence.
#pragma once
#include <cstdlib>

#include "connect/proxy_dialogue.h"

namespace trama {

inline void answer(connect::ProxyDialogue& dialogue, Bytes bytes) {
  if (dialogue.opening().empty()) std::abort();
  std::size_t taken = 0;
  while (dialogue.wants() != 0 && dialogue.wants() <= bytes.size()) {
    const auto piece = bytes.first(dialogue.wants());
    bytes = bytes.subspan(piece.size());
    taken += piece.size();
    if (const auto next = dialogue.take(piece); !next) {
      if (next.error().sentence.empty()) std::abort();
      return;
    }
  }
  if (taken > std::size_t{16} * 1024) std::abort();
}

inline void answer_all(connect::Proxy::Kind kind, Bytes bytes) {
  using connect::Destination;
  for (const bool login : {false, true})
    for (const auto& destination : {
             Destination{.name = "host.example", .address = {},                         .port = 80 },
             Destination{.name = {},             .address = parse_address("192.0.2.1"), .port = 443}
    }) {
      connect::Proxy proxy{.kind = kind, .host = "proxy", .port = 1, .login = {}};
      if (login) proxy.login = connect::Login{"user", "secret"};
      if (auto dialogue = connect::dialogue_with(proxy, destination); dialogue)
        answer(**dialogue, bytes);
    }
}

}  // namespace trama
