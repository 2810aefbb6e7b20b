#include "packet/dissect/fragments.h"

#include <algorithm>

namespace trama::dissect {
namespace {

constexpr u32 longest = 65535;
constexpr std::size_t most_pieces = 8192;

// True where the pieces leave no byte out.
bool is_whole(const Fragments::Datagram& datagram) {
  if (datagram.length == 0) return false;
  u32 reached = 0;
  for (const Fragments::Piece& piece : datagram.pieces) {
    if (piece.at > reached) return false;
    reached = std::max(reached, piece.at + piece.length);
  }
  return reached >= datagram.length;
}

}  // namespace

bool Fragments::add(const Key& key, u32 at, Bytes bytes, bool more, u64 packet, Datagram& whole) {
  const auto size = static_cast<u32>(bytes.size());
  if (size == 0 || at > longest || size > longest - at) return false;
  auto found = std::find_if(open_.begin(), open_.end(),
                            [&](const Datagram& datagram) { return datagram.key == key; });
  if (found == open_.end()) {
    if (open_.size() >= most) {
      held_ -= open_.front().bytes.size();
      open_.pop_front();
    }
    open_.emplace_back().key = key;
    found = std::prev(open_.end());
  }
  Datagram& datagram = *found;
  if (datagram.pieces.size() >= most_pieces) return false;
  const std::size_t before = datagram.bytes.size();
  if (datagram.bytes.size() < at + size) datagram.bytes.resize(at + size);
  held_ += datagram.bytes.size() - before;
  // Bytes that are here stay: only what no piece holds is copied.
  std::vector<bool> taken;
  bool overlaps = false;
  for (const Piece& piece : datagram.pieces)
    overlaps = overlaps || (piece.at < at + size && at < piece.at + piece.length);
  if (!overlaps) {
    std::copy(bytes.begin(), bytes.end(), datagram.bytes.begin() + at);
  } else {
    taken.resize(size);
    for (const Piece& piece : datagram.pieces)
      for (u32 i = std::max(piece.at, at); i < std::min(piece.at + piece.length, at + size); ++i)
        taken[i - at] = true;
    for (u32 i = 0; i < size; ++i)
      if (!taken[i]) datagram.bytes[at + i] = bytes[i];
  }
  const auto place = std::upper_bound(datagram.pieces.begin(), datagram.pieces.end(), at,
                                      [](u32 a, const Piece& piece) { return a < piece.at; });
  datagram.pieces.insert(place, {at, size, packet});
  if (!more) datagram.length = at + size;
  if (is_whole(datagram)) {
    held_ -= datagram.bytes.size();
    datagram.bytes.resize(datagram.length);
    whole = std::move(datagram);
    open_.erase(found);
    return true;
  }
  while (held_ > most_bytes && open_.size() > 1) {
    held_ -= open_.front().bytes.size();
    open_.pop_front();
  }
  return false;
}

}  // namespace trama::dissect
