// CRYPTO frames may come in any order and overlap (RFC 9000 section 19.6).
#include <algorithm>

#include "packet/parse/protocols/quic.h"

namespace trama::parse {
namespace {

constexpr std::size_t most_ahead = 1U << 16;  // bytes that wait for what is before them
constexpr std::size_t most_spans = 128;

}  // namespace

Bytes CryptoStream::add(u64 offset, Bytes piece) {
  if (offset >= u64{1} << 40) return {};
  const u64 end = offset + piece.size();
  if (end <= next_) return {};
  if (offset < next_) {
    piece = piece.subspan(next_ - offset);
    offset = next_;
  }
  if (got_.empty() && offset == next_) {
    next_ = end;
    return piece;
  }
  const u64 ahead = offset - next_;
  if (ahead + piece.size() > most_ahead || got_.size() >= most_spans) return {};
  if (bytes_.size() < ahead + piece.size()) bytes_.resize(ahead + piece.size());
  std::copy(piece.begin(), piece.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(ahead));
  // One list of spans in order, none of which touch.
  Span merged{offset, end};
  std::vector<Span> spans;
  for (const Span& span : got_) {
    if (span.to < merged.from || span.from > merged.to) {
      spans.push_back(span);
      continue;
    }
    merged.from = std::min(merged.from, span.from);
    merged.to = std::max(merged.to, span.to);
  }
  spans.push_back(merged);
  got_ = std::move(spans);
  if (got_.size() > 1 || got_[0].from != next_) return {};
  given_ = std::move(bytes_);
  bytes_.clear();
  got_.clear();
  next_ += given_.size();
  return given_;
}

}  // namespace trama::parse
