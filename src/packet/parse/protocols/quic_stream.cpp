// CRYPTO frames may come in any order and overlap (RFC 9000 section 19.6).
#include "packet/parse/protocols/quic.h"

namespace trama::parse {
namespace {

constexpr u64 most_ahead = 1U << 16;  // bytes that wait for what is before them

}  // namespace

Bytes CryptoStream::add(Message& message, u64 offset, Bytes piece) {
  if (offset >= u64{1} << 40) return {};
  const u64 end = offset + piece.size();
  if (end <= next_) return {};
  if (offset < next_) {
    piece = piece.subspan(next_ - offset);
    offset = next_;
  }
  if (!ahead_.empty() || offset != next_) {
    const bool known = ahead_.reach(offset) >= end;
    if (known || end - next_ > most_ahead) return {};
    if (!ahead_.add(message, offset, piece, message.around.packet.number)) return {};
    const u64 whole = ahead_.end();
    if (ahead_.reach(next_) < whole) return {};
    u8* kept = message.keep(whole - next_);
    ahead_.copy(next_, whole, kept);
    ahead_.forget();
    piece = {kept, whole - next_};
  }
  next_ += piece.size();
  return piece;
}

}  // namespace trama::parse
