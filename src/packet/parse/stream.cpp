#include "packet/parse/stream.h"

#include <algorithm>

namespace trama::parse {

using flow::before;

Unit* Direction::at(u32 seq) {
  // NOLINTNEXTLINE(modernize-loop-convert): the newest first
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit)
    if (unit->span.from == seq) return &*unit;
  return nullptr;
}

Unit* Direction::around(u32 seq) {
  Unit* nearest = nullptr;
  for (Unit& unit : units)
    if (!before(seq, unit.span.from) &&
        (nearest == nullptr || !before(unit.span.from, nearest->span.from)))
      nearest = &unit;
  return nearest;
}

namespace {

// Puts `more` at `offset`, at or behind the end; a large message grows by a fourth at most, not to
// its double.
void append(std::vector<u8>& bytes, std::size_t offset, Bytes more) {
  constexpr std::size_t large = std::size_t{64} * 1024;
  const std::size_t size = offset + more.size();
  if (size > large && size > bytes.capacity()) bytes.reserve(size + size / 4);
  if (bytes.size() < offset) bytes.resize(offset);
  bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

bool add_piece(Unit& unit, u32 seq, Bytes piece, u64 packet, bool tail) {
  const u32 size = static_cast<u32>(piece.size());
  const u32 end = seq + size;
  const u32 offset = seq - unit.span.from;
  if (offset > longest_unit || size > longest_unit - offset || unit.pieces.size() > 0xffff)
    return false;
  if (!before(seq, unit.end)) {  // behind all that came
    if (before(unit.end, seq)) unit.holes.push_back({unit.end, seq});
    if (unit.holes.size() > 64) return false;
    append(unit.bytes, offset, piece);
    unit.end = end;
  } else {
    if (before(unit.end, end)) {
      append(unit.bytes, unit.bytes.size(), piece.subspan(unit.end - seq));
      unit.end = end;
    }
    for (std::size_t i = 0; i < unit.holes.size(); ++i) {
      const Span hole = unit.holes[i];
      const u32 from = before(hole.from, seq) ? seq : hole.from;
      const u32 to = before(end, hole.to) ? end : hole.to;
      if (!before(from, to)) continue;
      std::copy(piece.begin() + (from - seq), piece.begin() + (to - seq),
                unit.bytes.begin() + (from - unit.span.from));
      unit.holes.erase(unit.holes.begin() + static_cast<std::ptrdiff_t>(i--));
      if (before(hole.from, from)) unit.holes.push_back({hole.from, from});
      if (before(to, hole.to)) unit.holes.push_back({to, hole.to});
      if (unit.holes.size() > 64) break;
    }
  }
  auto place = unit.pieces.end();
  while (place != unit.pieces.begin() && (place - 1)->offset > offset) --place;
  unit.pieces.insert(place, {offset, packet});
  unit.tail = unit.tail || tail;
  return true;
}

}  // namespace trama::parse
