// The fast path: marks in every packet of a batch which headers it has and where they start. One
// flat function of compares, unrolled from the tables of wire/. About 3-5 ns a packet.
#pragma once
#include <deque>

#include "packet/source/packet.h"
#include "packet/source/source.h"

namespace trama::dissect {

class Dissector {
 public:
  // Fills has, at and deep of the batch's packets.
  void dissect(Batch& batch, const std::deque<source::Interface>& interfaces);
  // Fills since_first and since_previous; every batch, in order, or none.
  void date(Batch& batch);

 private:
  i64 first_ = no_time, previous_ = no_time;
};

// The marks of one packet whose bytes start with the link type's header.
void mark(Packet& packet, u16 link_type);

}  // namespace trama::dissect
