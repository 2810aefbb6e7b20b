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

}  // namespace trama::flow
