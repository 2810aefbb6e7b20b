// Where a capture file's bytes come from: a descriptor, memory, or a compressed stream around
// either. Read once, from front to back; a stream owns what it reads from.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::source {

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  static constexpr long interrupted = -1;  // by a signal: nothing is lost, ask again
  static constexpr long failed = -2;       // problem() says why

  // Up to into.size() bytes, as many as one read gives; 0 at the end, or one of the two above.
  virtual long read(std::span<u8> into) = 0;

  // What went wrong, as the end of a sentence ("the compressed data is cut short").
  [[nodiscard]] const std::string& problem() const { return problem_; }

 protected:
  std::string problem_;
};

std::unique_ptr<Stream> stream_of(Fd fd);
std::unique_ptr<Stream> stream_of(Bytes memory);  // which must outlive the stream

// gzip (RFC 1952) or zstd (RFC 8878), told by the first four bytes; several members or frames in a
// row are one stream. Null where `head`, the first bytes of `inner`, is neither. `inner` is taken
// only on success; its bytes `head` have been read already.
std::unique_ptr<Stream> decompressed(std::unique_ptr<Stream>& inner, Bytes head);

}  // namespace trama::source
