// The fast path: 64 packets against a filter, 64 bits a test. A test of header fields against
// constants is `value - low <= high - low` under the header's presence mask; what the tables cannot
// answer, and packets marked `deep`, stay undecided and go to evaluate.h.
#pragma once
#include <vector>

#include "packet/filter/look.h"
#include "packet/filter/program.h"

namespace trama::filter {

// What is known of the packets asked about: no bit is in both.
struct Answer {
  u64 yes = 0, no = 0;
};

class FastTest {
 public:
  FastTest() = default;
  explicit FastTest(const Test& test);

  // `asked`: whose answers are wanted. All bits are below batch.count.
  [[nodiscard]] Answer ask(const Batch& batch, Steps steps, u64 asked) const {
    Asked packets{batch, steps};
    return ask(packets, asked);
  }

 private:
  enum class Kind : u8 { unknown, both, either, differing, negated, present, spans, wide_spans };

  void leaf(const Test& test);
  bool look_at(const Expression& field);
  bool compare(const Test& test);
  bool within(const Test& test);
  bool truth(const Test& test);
  void add_span(const Type& type, Relation relation, const Constant& constant);
  [[nodiscard]] Answer ask(Asked& packets, u64 asked) const;
  [[nodiscard]] Answer ask_leaf(Asked& packets, u64 asked) const;

  Kind kind_ = Kind::unknown;
  bool all_ = false, inverted_ = false;
  bool pair_ = false;   // two looks that one pass answers
  u64 bits_ = ~u64{0};  // of the value: what "field & 2" keeps
  u64 flip_ = 0;        // the sign bit, where negative values exist: their order becomes unsigned
  std::vector<Look> looks_;
  std::vector<Span> spans_;
  std::vector<WideSpan> wide_spans_;
  std::vector<FastTest> parts_;
};

// A rough cost in nanoseconds; `and` and `or` are asked cheapest first.
unsigned cost_of(const Test& test);

}  // namespace trama::filter
