// One direction of a TCP conversation as the parsers see it: segments come as they come, and a
// message that goes on is put together from those that continue it. Segments are looked at one by
// one, as tshark does it: what a lost segment leaves open stays open, and what follows is read for
// itself.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "packet/flow/conversation.h"

namespace trama::parse {

// A message that spans segments: the sequence numbers [from, to).
struct Span {
  u32 from = 0, to = 0;
};

struct Unit {
  Span span;
  bool whole_segment = false;  // takes what comes next, all of it: how much more is unknown
  bool until_end = false;      // goes on until FIN
  std::vector<u8> bytes;       // from span.from; holes are zeros
  std::vector<Span> holes;     // between what came
  u32 end = 0;                 // behind the highest byte that came
  std::vector<u64> packets;    // those that brought bytes
};

struct Direction {
  std::optional<Unit> open;
  std::array<Span, 8> done{};  // units read before: what is sent again of them is not read again
  unsigned next_done = 0;

  void finish(const Span& span) { done[next_done++ % done.size()] = span; }
};

// More than so many bytes of one message are not kept; the parser gets what there is.
inline constexpr u32 longest_unit = 16U << 20;

// Adds a segment's bytes [seq, seq + size) to the unit. True when nothing is missing up to its end.
bool add_piece(Unit& unit, u32 seq, Bytes piece, u64 packet);

}  // namespace trama::parse
