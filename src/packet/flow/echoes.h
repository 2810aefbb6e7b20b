// Pairs the answers of ping with their questions (RFC 792, RFC 4443 section 4): the same two hosts,
// identifier, number and payload. It must see all packets in order. Bounded: beyond `most` open
// questions the oldest is forgotten.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <optional>

#include "packet/dissect/tree.h"

namespace trama::flow {

// What is known of an answer.
struct EchoAnswer {
  u64 request = 0;  // number of the packet that asked
  i64 took = 0;     // nanoseconds since it
  bool v6 = false;
};

class Echoes {
 public:
  static constexpr std::size_t most = 65536;

  // nullopt where the packet is no answer to a known question. `tree` is the packet's deep reading;
  // it is needed for packets marked deep only.
  std::optional<EchoAnswer> follow(const Packet& packet, const dissect::Tree* tree);

 private:
  struct Key {
    std::array<u8, 32> addresses{};  // the lower one first
    u16 ident = 0, sequence = 0;
    u16 checksum = 0;  // of the question
    bool v6 = false;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Question {
    u64 packet;
    i64 time;
  };

  boost::unordered_flat_map<Key, Question, Hash> open_;
  std::deque<Key> order_;  // of asking; some are answered since
};

// Adds icmp.resp_to and icmp.resptime, or those of ICMPv6.
void annotate(dissect::Tree& tree, const EchoAnswer& answer);

}  // namespace trama::flow
