// A place where values stand in packets, and the loops that compare 64 of them with constants: no
// branch a packet. Of a header's field the value stays where it stands in its 8 big-endian bytes,
// and the constants were moved there: a test is load, turn, mask, subtract, compare.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "packet/filter/values.h"
#include "packet/flow/facts.h"
#include "packet/parse/words.h"
#include "packet/source/packet.h"

namespace trama::filter {

struct Span {
  u64 low, width;  // the values low ... low + width
};
struct WideSpan {
  Wide low, width;
};

// What the flow table knows of a batch's packets; empty where nobody asked it.
using Steps = std::span<const flow::Step>;

// The batch that is asked about. Which packets have a header is counted out once for all tests.
class Asked {
 public:
  explicit Asked(const Batch& batch, Steps steps = {}) : batch(batch), steps(steps) {}
  u64 having(u8 header_id);

  const Batch& batch;
  const Steps steps;

 private:
  u64 counted_ = 0;            // bits: whose mask is known
  std::array<u64, 64> masks_;  // NOLINT: a mask is written before it is read
};

class Look {
 public:
  // Where a value is read: a header's field, or what the packet itself says of its frame.
  enum class From : u8 {
    header,
    number,
    wire_length,
    captured,
    time,
    since_first,
    since_previous,
    fact,  // of the flow table's step
    always
  };

  explicit Look(From from) : from_(from) {}
  explicit Look(const parse::Meaning& meaning);
  explicit Look(const flow::Fact& fact) : from_(From::fact), fact_(fact) {}

  [[nodiscard]] bool in_header() const { return from_ == From::header; }
  [[nodiscard]] bool in_step() const { return from_ == From::fact; }
  [[nodiscard]] bool is_frame() const { return from_ == From::always; }

  // The values that are wanted: those of which `bits` lie in a span once `flip` (the sign bit,
  // where negative values exist) made their order unsigned.
  void want(const std::vector<Span>& spans, u64 bits, u64 flip);
  void want(const std::vector<WideSpan>& spans) { wide_ = spans; }  // of 128 bits

  // Which of `asked` have the value at all.
  u64 present(Asked& packets, u64 asked) const;
  // Which of `there` have a wanted one.
  [[nodiscard]] u64 inside(const Asked& packets, u64 there) const;

  // Two fields of one header ("tcp.port"), looked at in one pass: which of `asked` have a wanted
  // value in either.
  [[nodiscard]] bool pairs_with(const Look& other) const;
  static u64 either(const Look& first, const Look& second, const Batch& batch, u64 asked);

 private:
  struct OneSpan;
  struct Member;
  struct AnySpan;
  struct AsRead;
  struct AnyWide;

  [[nodiscard]] u64 inside_field(const Batch& batch, u64 there) const;

  // Which of `asked` have the fact and satisfy the condition.
  template <class Condition>
  u64 which_steps(const Asked& packets, u64 asked, Condition&& condition) const;

  From from_;
  flow::Fact fact_;
  u8 header_id_ = 0, place_ = 0;
  u16 byte_ = 0;       // the field's first, in its header
  bool moved_ = true;  // the spans are where the field stands
  const wire::Field* field_ = nullptr;
  u64 mask_ = ~u64{0}, flip_ = 0;
  std::vector<Span> spans_;
  std::vector<u64> set_;  // several spans of 16-bit values, as 65,536 bits
  std::vector<WideSpan> wide_;
};

}  // namespace trama::filter
