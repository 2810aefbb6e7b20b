// What a filter's text says, before anybody asks what its words mean: a tree whose nodes know where
// in the text they stand. The parser makes it, check.h reads it once; it owns its text.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace trama::filter {

// Bytes of the filter's text: [at, end).
struct Where {
  std::size_t at = 0, end = 0;
};

// Something wrong at a place: the sentence is in the reader's language.
struct Complaint {
  Where where;
  std::string sentence;
};
template <class T>
using Checked = tl::expected<T, Complaint>;

inline tl::unexpected<Complaint> complain(Where where, std::string sentence) {
  return tl::make_unexpected(Complaint{where, std::move(sentence)});
}

// One part of "[2:4,7,-3-]": bytes of a value, or numbers of layers. Negative counts from the end.
struct Range {
  enum class Form : u8 { length, until, to_end };  // [i:n] and [i]; [i-j]; [i:]
  Form form = Form::length;
  i64 start = 0;
  i64 end = 1;  // the length, or the last one that belongs

  // The first one and how many, of `size`; nothing where the value is shorter.
  [[nodiscard]] std::optional<std::pair<u64, u64>> within(u64 size) const;
};

enum class Relation : u8 { equal, differ, greater, greater_equal, less, less_equal };
// How many values (or pairs of values) must fulfil a relation.
enum class Quantity : u8 { by_relation, any, all };

enum class Form : u8 {
  both,        // parts, joined by "and"
  either,      // "or"
  differing,   // "xor"
  negated,     // one part
  compare,     // two parts, `relation`
  contains,    // two parts
  matches,     // two parts
  within,      // the first part in a set: then pairs of parts, low and high
  arithmetic,  // two parts, `sign`
  minus,       // one part
  plus,        // one part
  group,       // {one part}
  call,        // text names the function
  slice,       // one part, `ranges`
  layers,      // one part, `ranges`: field#2
  word,        // a field's name, or an unquoted value
  field,       // ".tcp.port": never a value
  value,       // aa:bb:cc, ::1, 10.0.0.0/8: never a field
  text,        // "quoted"; the escapes are resolved
  character,   // 'c'
  reference,   // ${field}: of a chosen packet; `ranges` are its layers
  raw,         // @field: its bytes as they stand in the packet
};

struct Node {
  Form form;
  Where where;
  std::string text;
  std::vector<Node> parts = {};
  std::vector<Range> ranges = {};
  Relation relation = Relation::equal;
  Quantity quantity = Quantity::by_relation;
  bool every = false;  // ===, !=, and so on: by the relation itself, all values must fulfil it
  char sign = 0;       // + - * / % &
};

inline std::optional<std::pair<u64, u64>> Range::within(u64 size) const {
  const auto count = static_cast<i64>(size);
  const i64 from = start < 0 ? count + start : start;
  if (from < 0 || from >= count) return {};
  i64 behind = count;
  if (form == Form::length) behind = end > count - from ? count + 1 : from + end;
  if (form == Form::until) behind = (end < 0 ? count + end : end) + 1;
  if (behind > count || behind <= from) return {};
  return std::pair{static_cast<u64>(from), static_cast<u64>(behind - from)};
}

}  // namespace trama::filter
