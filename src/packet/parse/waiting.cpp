#include "packet/parse/waiting.h"

#include <algorithm>

#include "packet/parse/message.h"

namespace trama::parse {
namespace {

// The capacity that `size` elements want: they grow by half, so that few are copied often.
template <class T>
std::size_t capacity_for(const std::vector<T>& list, std::size_t size) {
  return size <= list.capacity() ? list.capacity() : std::max(size, size + size / 2);
}

}  // namespace

bool Share::reach(u64& total, u64 bytes) {
  if (bytes > bytes_ && total + (bytes - bytes_) > most_waiting) return false;
  total += bytes - bytes_;
  total_ = &total;
  bytes_ = bytes;
  return true;
}

bool Share::cover(Message& message, u64 bytes) {
  return reach(message.waiting(), bytes > usual_memory ? bytes - usual_memory : 0);
}

void Share::give_back() {
  if (total_ != nullptr) *total_ -= bytes_;
  bytes_ = 0;
}

bool WaitingBytes::add(Message& message, Bytes more) {
  const std::size_t room = capacity_for(bytes_, bytes_.size() + more.size());
  if (!share_.reach(message.waiting(), room)) return false;
  bytes_.reserve(room);
  bytes_.insert(bytes_.end(), more.begin(), more.end());
  return true;
}

void WaitingBytes::forget() {
  bytes_ = std::vector<u8>();  // not clear(): that keeps the memory
  share_.give_back();
}

bool WaitingPieces::add(Message& message, u64 from, Bytes bytes, u64 packet) {
  if (pieces_.size() >= most) return false;
  const std::size_t room = capacity_for(bytes_, bytes_.size() + bytes.size());
  const std::size_t places = capacity_for(pieces_, pieces_.size() + 1);
  if (!share_.reach(message.waiting(), room + places * sizeof(Piece))) return false;
  bytes_.reserve(room);
  pieces_.reserve(places);
  pieces_.push_back({from, from + bytes.size(), bytes_.size(), packet});
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return true;
}

void WaitingPieces::forget() {
  bytes_ = std::vector<u8>();
  pieces_ = std::vector<Piece>();
  share_.give_back();
}

u64 WaitingPieces::reach(u64 from) const {
  for (bool moved = true; moved;) {
    moved = false;
    for (const Piece& piece : pieces_)
      if (piece.from <= from && piece.to > from) {
        from = piece.to;
        moved = true;
      }
  }
  return from;
}

u64 WaitingPieces::end() const {
  u64 end = 0;
  for (const Piece& piece : pieces_) end = std::max(end, piece.to);
  return end;
}

void WaitingPieces::copy(u64 from, u64 to, u8* out) const {
  for (const Piece& piece : pieces_) {
    const u64 first = std::max(from, piece.from), last = std::min(to, piece.to);
    if (first >= last) continue;
    const auto start = bytes_.begin() + static_cast<std::ptrdiff_t>(piece.at + first - piece.from);
    std::copy(start, start + static_cast<std::ptrdiff_t>(last - first), out + (first - from));
  }
}

}  // namespace trama::parse
