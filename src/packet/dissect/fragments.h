// Puts IP datagrams together from their fragments (RFC 791 section 3.2, RFC 8200 section 4.5).
// Fragments must come in the capture's order. Bounded: beyond `most` unfinished datagrams or
// `most_bytes` the oldest is given up; of bytes that come twice the first stay.
#pragma once
#include <array>
#include <list>
#include <vector>

#include "base/bytes.h"

namespace trama::dissect {

class Fragments {
 public:
  static constexpr std::size_t most = 1024;
  static constexpr std::size_t most_bytes = std::size_t{4} << 20;

  struct Key {
    std::array<u8, 32> addresses{};  // source, destination; IPv4's in 4 bytes each
    u32 id = 0;
    u8 protocol = 0;
    bool v6 = false;
    bool operator==(const Key&) const = default;
  };
  struct Piece {
    u32 at, length;  // in the datagram
    u64 packet;
  };
  struct Datagram {
    Key key;
    std::vector<u8> bytes;
    std::vector<Piece> pieces;  // in the order of their bytes
    u32 length = 0;             // 0: its last fragment did not come yet
  };

  // Adds the fragment whose bytes belong at `at`; `more`: it is not the last one. True where the
  // datagram is whole now: it is moved to `whole`, and forgotten here.
  bool add(const Key& key, u32 at, Bytes bytes, bool more, u64 packet, Datagram& whole);

 private:
  std::list<Datagram> open_;  // oldest first
  std::size_t held_ = 0;      // bytes
};

}  // namespace trama::dissect
