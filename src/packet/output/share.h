// The way of a packet on several threads: for rows that need nothing of other packets but times and
// fragments. What is shown comes out in the file's order, the same as from one thread.
#pragma once
#include <functional>
#include <memory>

#include "packet/output/pipeline.h"
#include "packet/source/pieces.h"

namespace trama::output {

// What one thread works with.
class Hand {
 public:
  Hand() = default;
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;
  virtual ~Hand() = default;
  // The filter: bit i, packet i passes.
  virtual u64 keep(const Batch& batch, Trees& trees) = 0;
  virtual void show(const Shown& shown, Out& out) = 0;
};

struct SharedWork {
  unsigned threads = 1;
  bool times = true;  // somebody asks for times since other packets
  bool lines = true;  // false: packets are only counted
  u64 most = std::numeric_limits<u64>::max();
  std::function<std::unique_ptr<Hand>()> hand;  // called by each thread
};

// Runs until the file ends, `most` packets were read, or `out` takes no more.
Counts run_shared(source::Pieces& pieces, const SharedWork& work, Out& out);

}  // namespace trama::output
