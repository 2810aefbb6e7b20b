// Bytes that parsers keep of messages which go on in later records or datagrams. Their memory is a
// share of what all messages that wait may take (most_waiting), counted as it grows and given back
// as soon as they are forgotten: it follows what was received, never what a length announces. What
// parsers remember else of a conversation is a share, too, where it is more than usual.
#pragma once
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace trama::parse {

class Message;

// All that messages which wait for more may hold together, in bytes.
inline constexpr u64 most_waiting = u64{10} << 20;
// What a parser puts together by itself (mails, messages of WebSocket) is no longer than this, so
// that one of them does not take the room of all.
inline constexpr u64 longest_gathered = u64{1} << 20;
// So much a parser may remember of each conversation without a share, in bytes: the flow table
// reckons with it.
inline constexpr u64 usual_memory = 512;

// So many bytes of `total`, given back when it dies.
class Share {
 public:
  Share() = default;
  Share(Share&& other) noexcept : total_(other.total_), bytes_(std::exchange(other.bytes_, 0)) {}
  Share& operator=(Share&& other) noexcept {
    std::swap(total_, other.total_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Share() { give_back(); }

  // Takes `bytes` altogether. False, and nothing has changed, where more than most_waiting would
  // be taken of `total`, which must outlive the share.
  bool reach(u64& total, u64 bytes);
  // The same of what a conversation remembers, `bytes` of it in all. False: it has to forget.
  bool cover(Message& message, u64 bytes);
  void give_back();

 private:
  u64* total_ = nullptr;
  u64 bytes_ = 0;
};

// Bytes that come in order.
class WaitingBytes {
 public:
  // False where there is no memory for them: they are not added.
  bool add(Message& message, Bytes more);
  void forget();

  [[nodiscard]] Bytes view() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

 private:
  std::vector<u8> bytes_;
  Share share_;
};

// Pieces that come in any order and may overlap: the later one counts.
class WaitingPieces {
 public:
  static constexpr std::size_t most = 128;

  // The piece of the bytes [from, from + size). False where there are too many, or no memory is
  // left: it is not added.
  bool add(Message& message, u64 from, Bytes bytes, u64 packet);
  void forget();

  [[nodiscard]] bool empty() const { return pieces_.empty(); }
  // Where the bytes from `from` on have their first hole.
  [[nodiscard]] u64 reach(u64 from) const;
  // Behind the last byte of all.
  [[nodiscard]] u64 end() const;
  // Writes the bytes [from, to) of them, which all came.
  void copy(u64 from, u64 to, u8* out) const;

  struct Piece {
    u64 from, to;
    std::size_t at;  // where its bytes stand among those kept
    u64 packet;      // that brought it
  };
  [[nodiscard]] const std::vector<Piece>& all() const { return pieces_; }  // as they came

 private:
  std::vector<u8> bytes_;
  std::vector<Piece> pieces_;
  Share share_;
};

}  // namespace trama::parse
