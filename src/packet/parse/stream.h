// One direction of a TCP conversation as the parsers see it: segments come as they come, and a
// message that goes on is put together from those that continue it. Segments are looked at one by
// one, as tshark does it: what a lost segment leaves open stays open, and what follows is read for
// itself.
#pragma once
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
  bool done = false;           // was whole once; its bytes are forgotten
  u64 first_packet = 0, last_packet = 0;
  u64 done_in = 0;          // the packet that made it whole
  std::vector<u8> bytes;    // from span.from; holes are zeros
  std::vector<Span> holes;  // between what came
  u32 end = 0;              // behind the highest byte that came
  bool tail = false;        // the segment that reaches span.to came
  struct Piece {
    u32 offset;
    u64 packet;
  };
  std::vector<Piece> pieces;  // by offset

  [[nodiscard]] bool complete() const { return tail && holes.empty(); }
};

struct Direction {
  std::vector<Unit> units;  // as they began, whole ones included: what is sent again of them
  bool until_end = false;   // the newest goes on until FIN
  u64 fin_packet = 0;       // the first with FIN

  // The unit that starts at `seq`; the newest that starts at or before it. nullptr: none.
  [[nodiscard]] Unit* at(u32 seq);
  [[nodiscard]] Unit* around(u32 seq);
};

// More than so many bytes of one message are not kept; the parser gets what there is.
inline constexpr u32 longest_unit = 16U << 20;
// So many units of a direction are remembered.
inline constexpr std::size_t most_units = 32;

// Adds a segment's bytes [seq, seq + size) to the unit; `tail` where the segment reaches the unit's
// end. False: they do not fit.
bool add_piece(Unit& unit, u32 seq, Bytes piece, u64 packet, bool tail);

}  // namespace trama::parse
