#include "packet/flow/trail.h"

#include <algorithm>

namespace trama::flow {

void Ring::put(const Sent& sent, std::size_t& held) {
  const std::size_t limit = held > most_held ? few : most;
  if (places_.size() < places_.capacity() || places_.size() < limit) {
    const std::size_t before = places_.capacity();
    if (next_ != 0)  // it grows again: oldest first
      std::rotate(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(next_),
                  places_.end());
    next_ = 0;
    places_.push_back(sent);
    held += places_.capacity() - before;
    return;
  }
  places_[next_] = sent;
  next_ = (next_ + 1) % places_.size();
}

Sent* Ring::newest(u32 seq, u32 end) {
  Sent* best = nullptr;
  for (Sent& sent : places_)
    if (before(seq, sent.end) && before(sent.seq, end) &&
        (best == nullptr || sent.frame > best->frame))
      best = &sent;
  return best;
}

Hole* Way::hole_at(u32 seq, u32 end) {
  for (u8 i = 0; i < hole_count; ++i)
    if (before(seq, holes[i].to) && before(holes[i].from, end)) return &holes[i];
  return nullptr;
}

void Way::open_hole(const Sent& sent) {
  if (hole_count == holes.size()) {  // all used: the oldest is forgotten
    std::move(holes.begin() + 1, holes.end(), holes.begin());
    --hole_count;
  }
  holes[hole_count++] = {next, sent.seq, sent, 0};
}

void Way::fill_holes(u32 seq, u32 end) {
  u8 kept = 0;
  for (u8 i = 0; i < hole_count; ++i) {
    Hole hole = holes[i];
    if (before(seq, hole.to) && before(hole.from, end)) {
      if (before(hole.from, seq))
        hole.to = seq;  // what stays open behind it is forgotten
      else if (before(end, hole.to))
        hole.from = end;
      else
        continue;
    }
    holes[kept++] = hole;
  }
  hole_count = kept;
}

}  // namespace trama::flow
