// tshark's numbers for UDP conversations of which one end was announced before they began, as SDP
// announces where media go: there every announced end is a conversation of its own, whoever talks
// with it, and a new one each time that it is announced again. Only numbers and times follow that
// rule; what a conversation is stays one pair of ends. Bounded: the oldest announcement gives way.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <optional>

#include "base/address.h"
#include "packet/flow/segment.h"

namespace trama::flow {

struct Number {
  std::optional<u32> stream;  // none before the first packet
  i64 first = 0, last = 0;    // nanoseconds
  u64 announced_by = 0;       // the packet's number
};

class Numbers {
 public:
  static constexpr std::size_t most = 4096;

  // A second announcement in the same packet says nothing new.
  void announce(const Endpoint& end, u64 packet);
  // That of the sender's announcement, else of the receiver's; nullptr where there is neither.
  [[nodiscard]] Number* find(const Ends& ends);
  [[nodiscard]] bool empty() const { return numbers_.empty(); }

 private:
  struct Hash {
    std::size_t operator()(const Endpoint& end) const;
  };
  boost::unordered_flat_map<Endpoint, Number, Hash> numbers_;
  std::deque<Endpoint> order_;
};

}  // namespace trama::flow
