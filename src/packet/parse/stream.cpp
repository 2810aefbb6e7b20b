#include "packet/parse/stream.h"

#include <algorithm>

namespace trama::parse {

using flow::before;

bool add_piece(Unit& unit, u32 seq, Bytes piece, u64 packet) {
  const u32 size = static_cast<u32>(piece.size());
  const u32 end = seq + size;
  const u32 offset = seq - unit.span.from;
  if (offset > longest_unit || size > longest_unit - offset) return false;
  bool fresh = false;
  if (!before(seq, unit.end)) {  // behind all that came
    if (before(unit.end, seq)) unit.holes.push_back({unit.end, seq});
    unit.bytes.resize(offset + size);
    std::copy(piece.begin(), piece.end(), unit.bytes.begin() + offset);
    fresh = size > 0;
    unit.end = end;
  } else {
    if (before(unit.end, end)) {
      unit.bytes.resize(offset + size);
      std::copy(piece.begin() + (unit.end - seq), piece.end(),
                unit.bytes.begin() + (unit.end - unit.span.from));
      unit.end = end;
      fresh = true;
    }
    for (std::size_t i = 0; i < unit.holes.size(); ++i) {
      const Span hole = unit.holes[i];
      const u32 from = before(hole.from, seq) ? seq : hole.from;
      const u32 to = before(end, hole.to) ? end : hole.to;
      if (!before(from, to)) continue;
      std::copy(piece.begin() + (from - seq), piece.begin() + (to - seq),
                unit.bytes.begin() + (from - unit.span.from));
      fresh = true;
      unit.holes.erase(unit.holes.begin() + static_cast<std::ptrdiff_t>(i--));
      if (before(hole.from, from)) unit.holes.push_back({hole.from, from});
      if (before(to, hole.to)) unit.holes.push_back({to, hole.to});
      if (unit.holes.size() > 64) break;
    }
  }
  if (fresh) unit.packets.push_back(packet);
  return unit.holes.empty() && !before(unit.end, unit.span.to);
}

}  // namespace trama::parse
