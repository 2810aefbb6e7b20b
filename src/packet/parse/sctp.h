// What the parse step remembers of SCTP associations: messages that several DATA chunks carry (RFC
// 9260, section 6.9). Bounded in associations, chunks and bytes; the oldest give way.
#pragma once
#include <array>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <vector>

#include "packet/flow/conversation.h"

namespace trama::parse {

class Associations {
 public:
  static constexpr std::size_t most = 1024, most_chunks = 1024;
  static constexpr u64 most_bytes = u64{4} << 20;

  // Addresses and ports of both ends, the lower end first.
  using Key = std::array<u8, 36>;

  struct Chunk {
    bool begins = false, ends = false;
    u32 tag = 0, tsn = 0;  // of the direction, and the chunk's number there
    Bytes bytes;
  };

  // The parsers' memory of an association, made by `make` when it is new.
  template <class Make>
  flow::Memory& memory(const Key& key, Make&& make) {
    for (auto& known : associations_)
      if (known.key == key) return *known.memory;
    if (associations_.size() >= most) associations_.pop_back();
    associations_.push_front({key, make()});
    return *associations_.front().memory;
  }

  // Adds a chunk that holds a part of a message. True: the message is whole, and in `message`.
  bool add(const Chunk& chunk, std::vector<u8>& message);

 private:
  struct Association {
    Key key;
    std::unique_ptr<flow::Memory> memory;
  };
  struct Part {
    bool begins = false, ends = false;
    std::vector<u8> bytes;
  };
  using Place = std::pair<u32, u32>;  // tag, TSN

  std::list<Association> associations_;
  std::map<Place, Part> parts_;
  std::deque<Place> order_;  // as they came; some are used up
  u64 bytes_ = 0;

  void drop(std::map<Place, Part>::iterator part);
};

}  // namespace trama::parse
