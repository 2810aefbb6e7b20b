// What annotate() tells of a TCP segment or UDP datagram, field by field, straight from its step:
// for filters that ask many packets and want no tree of them.
#pragma once
#include "packet/flow/table.h"
#include "wire/field.h"

namespace trama::flow {

// Writes the field's value; false where the packet has none. `step` is of a packet that is not
// deep.
using Fact = bool (*)(const Step& step, u64& value);

// nullptr where annotate() does not write the field, or may write it more than once.
Fact fact_of(const wire::Field& field);

}  // namespace trama::flow
