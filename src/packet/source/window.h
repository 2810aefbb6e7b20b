// The part of a stream that is in memory: the records being read, and `padding` readable bytes
// behind them. Packets point in here, so fill() may be called only when no batch is out.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "packet/source/packet.h"
#include "packet/source/stream.h"

namespace trama::source {

class Window {
 public:
  // 256 to 512 KiB stay in the second-level cache; larger ones were measured slower.
  static constexpr std::size_t usual = 512UL * 1024;

  explicit Window(std::unique_ptr<Stream> stream, std::size_t capacity = usual)
      : stream_(std::move(stream)), buffer_(capacity + padding) {}

  [[nodiscard]] const u8* begin() const { return buffer_.data() + begin_; }
  [[nodiscard]] const u8* end() const { return buffer_.data() + end_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] Bytes bytes() const { return {begin(), size()}; }
  // Where begin() stands in the (uncompressed) stream.
  [[nodiscard]] u64 offset() const { return offset_; }

  void skip(std::size_t count) {
    begin_ += count;
    offset_ += count;
  }

  enum class Fill { enough, ended, interrupted };
  // Reads until `need` bytes are there, as much as one read gives; grows the buffer to `need`,
  // which the caller has bounded. `ended`: the stream gave all it had, or failed (problem()).
  // All pointers into the window are void afterwards.
  Fill fill(std::size_t need);

  // For Pieces: from now on the window lies over bytes that were read elsewhere, [begin, end) and
  // `padding` behind them, which continue those before; fill() reads nothing more. `last`: none
  // follow, because of `problem` if that is not empty.
  void put(std::vector<u8>&& bytes, std::size_t begin, std::size_t end, bool last,
           std::string problem);
  // Gives those bytes back.
  std::vector<u8> take() { return std::move(buffer_); }

  // Why the stream failed; empty where it simply ended.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // The stream, for another window around it; what was read of it is bytes().
  std::unique_ptr<Stream>& stream() { return stream_; }

 private:
  std::unique_ptr<Stream> stream_;
  std::vector<u8> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  u64 offset_ = 0;
  bool put_ = false, last_ = false;
  std::string problem_;
};

}  // namespace trama::source
