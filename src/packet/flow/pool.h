// Where conversations live: large pieces of memory, one conversation behind the other, each on
// lines of the processor's cache of its own. They never move; those that were given back serve
// again. Large pages where the kernel has them: with many conversations under way nearly every
// packet would else need a page's address looked up, too.
#pragma once
#include <cstdlib>
#include <memory>
#include <vector>

#include "packet/flow/conversation.h"

namespace trama::flow {

class Pool {
 public:
  static constexpr std::size_t piece_bytes = std::size_t{2} << 20;
  static constexpr u32 per_piece = piece_bytes / sizeof(Conversation);

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  // A blank conversation, `live` and with its `place`.
  Conversation& take();
  // It is blank from now on, and no longer live.
  void give_back(Conversation& conversation);

  [[nodiscard]] Conversation& at(u32 place) const {
    return pieces_[place / per_piece].get()[place % per_piece];
  }
  // Beyond all places that were ever taken; those below it hold live and blank conversations.
  [[nodiscard]] u32 end() const { return end_; }

 private:
  struct Free {
    void operator()(Conversation* piece) const { std::free(piece); }  // NOLINT: aligned_alloc's
  };
  void add_piece();
  void fetch(u32 place) const;

  std::vector<std::unique_ptr<Conversation, Free>> pieces_;
  std::vector<u32> blank_;
  u32 end_ = 0;
};

}  // namespace trama::flow
