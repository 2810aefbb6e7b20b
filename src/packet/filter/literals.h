// Turns what somebody typed into a typed value: numbers in four bases, addresses, bytes, dates,
// value strings ("TCP" for ip.proto). Accepts and refuses what tshark 4.0 does, and `true`,
// `false`.
#pragma once
#include "packet/filter/ast.h"
#include "packet/filter/value_names.h"
#include "packet/filter/values.h"

namespace trama::filter {

// A constant: a value that owns its bytes.
struct Constant {
  Value value;
  std::string bytes;  // of bytes, text, ipv6
  [[nodiscard]] Value view() const {
    Value view = value;
    view.data = reinterpret_cast<const u8*>(bytes.data());
    view.size = static_cast<u32>(bytes.size());
    return view;
  }
};

// `node` is a word, value, text or character; `names` the field's value strings (may be empty);
// `part`: an address may be incomplete (contains looks for a part of it).
Checked<Constant> constant_of(const Node& node, Type type, const ValueNames& names,
                              bool part = false);

}  // namespace trama::filter
