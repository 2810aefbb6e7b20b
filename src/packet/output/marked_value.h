// A field's value straight from a packet whose marks tell all (not deep): what its tree would have
// as a row. A header's field is read at its place, a fact of the frame is the packet's own.
#pragma once
#include <vector>

#include "packet/dissect/tree.h"
#include "packet/parse/words.h"

namespace trama::output {

class MarkedValue {
 public:
  enum class From : u8 {
    header,
    layer,
    number,
    wire_length,
    captured,
    moment,
    since_first,
    since_previous
  };

  MarkedValue(From from, const parse::Meaning& meaning);

  // False where the packet has no such value. Of `row` field, value, data and size are set.
  bool read(const Packet& packet, dissect::Row& row) const;

 private:
  From from_;
  u8 place_;
  u64 bit_;  // of Packet::has
  const wire::Field* field_;
};

// All values of a word, in the order of the packet's bytes; empty where marks do not tell them.
std::vector<MarkedValue> marked_values(const parse::Word& word);

}  // namespace trama::output
