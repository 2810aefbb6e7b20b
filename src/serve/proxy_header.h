// The PROXY protocol's header, with which a proxy names its client before the client's own bytes:
// version 1, a line of text, and version 2, binary (HAProxy's proxy-protocol.txt). Bytes in;
// "more", "bad", or the header out. Nothing is kept between calls.
#pragma once
#include <optional>

#include "base/address.h"
#include "base/bytes.h"

namespace trama::serve {

// Both or none: LOCAL, UNKNOWN, UNSPEC and AF_UNIX name no endpoints, and the connection's own
// count.
struct ProxyAddresses {
  Endpoint source{}, destination{};
};

struct ProxyHeader {
  // What a header may take at most, in bytes: the text with its CRLF, the binary one with its TLVs.
  static constexpr std::size_t longest_text = 107;
  static constexpr std::size_t longest = 4096;

  enum class State { more, bad, whole };
  State state = State::more;
  std::size_t size = 0;  // of a whole one, in bytes
  std::optional<ProxyAddresses> addresses{};
};

// `bytes`: the connection's first, so many as have come. Of a prefix of a good header: more; of
// anything else: bad, at the first byte that shows it.
ProxyHeader parse_proxy_header(Bytes bytes);

}  // namespace trama::serve
