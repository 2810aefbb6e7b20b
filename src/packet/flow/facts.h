// What annotate() tells of a TCP segment or UDP datagram, field by field, straight from its step:
// for filters that ask many packets and want no tree of them.
#pragma once
#include <optional>

#include "packet/flow/table.h"
#include "wire/field.h"

namespace trama::flow {

// One such field: a number that every step of a transport has, or a mark of the analysis.
struct Fact {
  bool tcp = true;
  u64 (*number)(const Step&) = nullptr;  // nullptr: the mark
  u32 finding = 0;

  // The field's value; nullopt where the packet, which is not deep, has none.
  [[nodiscard]] std::optional<u64> of(const Step& step) const {
    if (step.icmp || step.conversation->tcp != tcp) return {};
    if (number != nullptr) return number(step);
    return step.found(finding) ? std::optional<u64>{1} : std::nullopt;
  }
};

// nullopt where annotate() does not write the field, or may write it more than once.
std::optional<Fact> fact_of(const wire::Field& field);

}  // namespace trama::flow
