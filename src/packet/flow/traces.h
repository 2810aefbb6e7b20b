// What a TCP segment's headers tell beside its place in the stream, which verdicts compare: the
// sender's count of packets (IP id), its clock (RFC 7323), what the receiver has (SACK, RFC 2018).
#pragma once
#include <array>

#include "packet/flow/segment.h"

namespace trama::flow {

struct Traces {
  u16 id = 0;                     // ip.id; 0: none (IPv6), or not used
  u32 print = 0;                  // of flags, window, checksum and urgent pointer: equal in copies
  bool partial_checksum = false;  // the checksum is that of the pseudo header alone
  bool stamped = false;           // it has timestamps
  u32 clock = 0, echo = 0;        // TSval, TSecr
  struct Block {
    u32 from = 0, to = 0;
  };
  std::array<Block, 4> sacks{};  // as they stand: the first one may tell of bytes that came twice
  u8 sack_count = 0;
};

// Of the packet's own segment; `tree` as for segment_of().
Traces traces_of(const Packet& packet, const dissect::Tree* tree);

}  // namespace trama::flow
