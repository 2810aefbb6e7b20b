// The segments of one direction that nobody acknowledged yet, oldest first. Mostly there is one, or
// none: the first stands in the list itself, as memory elsewhere costs as much as all the rest of
// following a packet.
#pragma once
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace trama::flow {

struct InFlight {
  u64 frame = 0;  // its packet's number, from 1
  u32 seq = 0, next = 0;
  i64 time = 0;  // nanoseconds
};

class Flight {
 public:
  [[nodiscard]] bool empty() const { return first_.frame == 0; }
  [[nodiscard]] std::size_t size() const { return empty() ? 0 : 1 + (rest_ ? rest_->size() : 0); }
  [[nodiscard]] const InFlight& oldest() const { return first_; }  // not of an empty list
  // How many have memory of their own elsewhere, used or not.
  [[nodiscard]] std::size_t elsewhere() const { return rest_ ? rest_->capacity() : 0; }

  void add(const InFlight& sent) {
    if (empty()) {
      first_ = sent;
      return;
    }
    if (!rest_) rest_ = std::make_unique<std::vector<InFlight>>();
    rest_->push_back(sent);
  }
  template <class See>
  void each(const See& see) const {
    if (empty()) return;
    see(first_);
    if (rest_)
      for (const InFlight& sent : *rest_) see(sent);
  }
  // Removes those for which `goes`, which may change them, is true.
  template <class Goes>
  void remove_if(const Goes& goes) {
    if (empty()) return;
    const bool first_goes = goes(first_);
    if (rest_) std::erase_if(*rest_, goes);
    if (first_goes) remove_oldest();
  }
  void remove_oldest() {
    const bool alone = !rest_ || rest_->empty();
    first_ = alone ? InFlight{} : rest_->front();
    if (!alone) rest_->erase(rest_->begin());
  }

 private:
  InFlight first_;
  std::unique_ptr<std::vector<InFlight>> rest_;
};

}  // namespace trama::flow
