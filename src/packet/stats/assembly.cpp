#include "packet/stats/assembly.h"

#include <algorithm>

#include "packet/flow/conversation.h"

namespace trama::stats {

using flow::before;

namespace {
constexpr std::size_t most_waiting = std::size_t{16} << 20;  // bytes of one side
constexpr std::size_t most_pieces = 10'000;
}  // namespace

void Assembly::add(const Segment& segment) {
  Side& side = sides_[segment.side];
  while (skip_gap(1 - segment.side, segment.ack, segment.stamp)) {
  }
  u32 seq = segment.seq + (segment.syn ? 1U : 0U);
  u32 length = segment.length;
  std::string_view bytes = segment.bytes;
  if (!side.started && side.next == 0) side.next = seq;             // the first that was seen
  if (before(seq, side.next) && before(side.next, seq + length)) {  // some of it is new
    const u32 known = side.next - seq;
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), known));
    seq = side.next;
    length -= known;
  }
  if (bytes.empty() || before(seq, side.next)) return;
  if (seq == side.next) {
    side.started = true;
    side.next += length;
    take_(segment.side, bytes, segment.stamp);
    while (fit(segment.side)) {
    }
    return;
  }
  if (side.early.size() >= most_pieces || side.waiting + bytes.size() > most_waiting) return;
  side.waiting += bytes.size();
  side.early.push_back({seq, std::string{bytes}, segment.stamp});
}

// Takes one of the early pieces that now fits, or is known already.
bool Assembly::fit(unsigned number) {
  Side& side = sides_[number];
  const auto at = std::find_if(side.early.begin(), side.early.end(),
                               [&](const Piece& piece) { return !before(side.next, piece.seq); });
  if (at == side.early.end()) return false;
  const Piece piece = std::move(*at);
  side.early.erase(at);
  side.waiting -= piece.bytes.size();
  const u32 known = side.next - piece.seq;
  if (known < piece.bytes.size()) {
    const auto fresh = std::string_view{piece.bytes}.substr(known);
    side.next += static_cast<u32>(fresh.size());
    take_(number, fresh, piece.stamp);
  }
  return true;
}

bool Assembly::skip_gap(unsigned number, u32 acknowledged, const Stamp& stamp) {
  Side& side = sides_[number];
  if (side.early.empty()) return false;
  if (fit(number)) return true;
  u32 lowest = side.early.front().seq;
  for (const Piece& piece : side.early)
    if (before(piece.seq, lowest)) lowest = piece.seq;
  if (!before(lowest, acknowledged)) return false;
  // The words are tshark's, which its users search for.
  take_(number, fmt::format("[{} bytes missing in capture file]", lowest - side.next) + '\0',
        {stamp.packet, no_time});
  side.next = lowest;
  return true;
}

}  // namespace trama::stats
