#include "packet/flow/pool.h"

#include <sys/mman.h>

#include <new>

namespace trama::flow {

Pool::~Pool() {
  for (u32 place = 0; place < end_; ++place) std::destroy_at(&at(place));
}

void Pool::add_piece() {
  void* const piece = std::aligned_alloc(piece_bytes, piece_bytes);
  if (piece == nullptr) throw std::bad_alloc{};
  // Not the first one: who follows few conversations should not pay for two megabytes.
  if (!pieces_.empty()) madvise(piece, piece_bytes, MADV_HUGEPAGE);
  pieces_.emplace_back(static_cast<Conversation*>(piece));
}

// Asks the processor for the one that is taken next.
void Pool::fetch(u32 place) const {
  const auto* bytes = reinterpret_cast<const char*>(&at(place));
  for (std::size_t line = 0; line < sizeof(Conversation); line += 64)
    __builtin_prefetch(bytes + line, 1);
}

Conversation& Pool::take() {
  u32 place = end_;
  if (blank_.empty()) {
    if (place / per_piece == pieces_.size()) add_piece();
    std::construct_at(&at(place));
    ++end_;
  } else {
    place = blank_.back();
    blank_.pop_back();
    if (!blank_.empty()) fetch(blank_.back());
  }
  Conversation& taken = at(place);
  taken.live = true;
  taken.place = place;
  return taken;
}

void Pool::give_back(Conversation& conversation) {
  blank_.push_back(conversation.place);
  std::destroy_at(&conversation);
  std::construct_at(&conversation);
}

}  // namespace trama::flow
