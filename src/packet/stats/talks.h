// What the two sides of each talk sent: counted packet by packet, listed at the end. Where a
// packet's stream is known it names the talk, else its two places do.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "packet/stats/pairs.h"

namespace trama::stats {

struct alignas(64) Talk {
  std::array<u64, 2> frames{}, bytes{};  // of the first side and of the second
  i64 start = 0, stop = 0;               // nanoseconds since the capture's first packet
  u32 ends = 0;                          // the first packet went from side 0 to side 1
  bool turned = false;  // side 0 is the second end of the flow table's conversation
};

class Talks {
 public:
  void add(const Pair& pair, const Packet& packet);
  // The most talkative first, of like ones the one that began first. Nothing may be added after.
  std::vector<const Talk*> sorted();
  [[nodiscard]] const std::array<Place, 2>& ends(const Talk& talk) const {
    return ends_[talk.ends];
  }

 private:
  struct Counted {  // one packet
    u32 talk = 0, bytes = 0;
    u8 end = 0;
    i64 time = 0;
  };
  struct Key {
    Place low, high;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      const PlaceHash hash;
      return hash(key.low) + 3 * hash(key.high);
    }
  };
  // Grows by pieces: what is counted is never copied, which would take its memory twice.
  template <class T>
  class Pieces {
   public:
    [[nodiscard]] T& operator[](std::size_t at) const { return (*pieces_[at / each])[at % each]; }
    u32 add(const T& value) {
      if (size_ % each == 0) pieces_.push_back(std::make_unique<std::array<T, each>>());
      (*this)[size_] = value;
      return size_++;
    }
    [[nodiscard]] u32 size() const { return size_; }

   private:
    static constexpr std::size_t each = 1024;
    std::vector<std::unique_ptr<std::array<T, each>>> pieces_;
    u32 size_ = 0;
  };

  u32 talk_of(const Pair& pair, const Packet& packet);
  void count(const Counted& one);

  static constexpr u32 none = ~0U;
  Pieces<Talk> talks_;
  Pieces<std::array<Place, 2>> ends_;
  boost::unordered_flat_map<Key, u32, KeyHash> known_;  // those without a stream
  std::vector<u32> by_stream_;
  // The newest packets wait here while their talks' counters come from memory.
  std::array<Counted, 16> waiting_;
  u64 added_ = 0;
};

}  // namespace trama::stats
