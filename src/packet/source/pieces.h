// A capture file read by several threads: each takes the next piece of its bytes, and the piece's
// packets. The bytes are read by all threads at once; the records, whose lengths lead from one to
// the next, are walked by one thread at a time: the file's reader goes from piece to piece.
#pragma once
#include <atomic>
#include <memory>
#include <vector>

#include "base/fd.h"
#include "base/turns.h"
#include "packet/source/file.h"

namespace trama::source {

// One thread's share; reused for piece after piece. What stands in it is good until the next take.
struct Piece {
  u64 number = 0;  // 0 for the file's first
  std::vector<std::unique_ptr<Batch>> batches;
  std::size_t count = 0;             // of the batches, those in use
  std::deque<Interface> interfaces;  // as far as the file described them up to here

 private:
  friend class Pieces;
  std::vector<u8> bytes_;  // room for the start of a record, the piece, padding
  std::size_t size_ = 0;   // bytes read
  int failed_ = 0;         // errno of the read
};

class Pieces {
 public:
  static constexpr std::size_t usual = Window::usual;

  // nullptr where the file cannot be read so: it is compressed, damaged at its start, no plain
  // file, or smaller than `least` bytes; open_file() says what is wrong with it.
  static std::unique_ptr<Pieces> open(const std::string& path, u64 least, std::size_t size = usual);

  // False at the end of the file. `walked` is called with each piece in the file's order, by one
  // thread at a time, before take() returns it; where it returns false no more pieces follow. Any
  // number of threads may take, each with a piece of its own.
  template <class Walked>
  bool take(Piece& piece, Walked&& walked) {
    read(piece);
    walks_.wait(piece.number);
    const bool goes_on = !ended_;
    if (goes_on) {
      walk(piece);
      if (!walked(piece)) ended_ = true;
    }
    walks_.finish(piece.number);
    return goes_on;
  }

  // When all threads are done: why reading ended before the file did.
  [[nodiscard]] const std::optional<Error>& trouble() const { return file_->trouble(); }

 private:
  Pieces(Fd fd, std::unique_ptr<File> file, std::size_t size, u64 at);
  void read(Piece& piece);
  void walk(Piece& piece);

  Fd fd_;
  std::size_t size_;
  u64 start_;                  // of the first piece, in the file
  std::atomic<u64> taken_{0};  // pieces
  Turns walks_;
  // Of whose turn it is to walk:
  std::unique_ptr<File> file_;
  std::vector<u8> rest_;  // the start of a record that goes on in the next piece
  bool ended_ = false;
};

}  // namespace trama::source
