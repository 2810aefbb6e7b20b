// All headers, and the look-ups over them: by word, by what carries them. The list itself is made
// by the build from protocols/*.h (src/CMakeLists.txt), so a new protocol is its file and its row
// in carries.h.
#pragma once
#include <array>

#include "wire/carries.h"
#include "wire/headers_list.h"

namespace trama::wire {

#define TRAMA_ROW(name) &(name),
inline constexpr const Header* headers[] = {TRAMA_HEADERS(TRAMA_ROW)};
#undef TRAMA_ROW
inline constexpr u8 header_count = std::size(headers);
inline constexpr u8 presence_bits = 64;  // of a packet
static_assert(
    header_count < 255 &&
        [] {
          for (u8 id = presence_bits; id < header_count; ++id)
            if (headers[id]->deep != Deep::always) return false;
          return true;
        }(),
    "what stands behind the 64 presence bits must always be deep");

// A header's place in the list: the number of its presence bit.
using HeaderId = u8;

#define TRAMA_ID(name) id_##name,
enum HeaderIds : HeaderId { TRAMA_HEADERS(TRAMA_ID) };
#undef TRAMA_ID

// By the name of the constant in its file, which is the word but for sll2 and words with dots.
#define TRAMA_NAME(name) #name,
inline constexpr std::string_view header_names[] = {TRAMA_HEADERS(TRAMA_NAME)};
#undef TRAMA_NAME

// The header that a row of carries or links names: dots of the word are underscores of the
// constant.
constexpr HeaderId id_of(std::string_view inner) {
  for (HeaderId i = 0; i < header_count; ++i) {
    const auto name = header_names[i];
    bool same = name.size() == inner.size();
    for (std::size_t k = 0; same && k < name.size(); ++k)
      same = name[k] == inner[k] || (name[k] == '_' && inner[k] == '.');
    if (same) return i;
  }
  throw "no such header";
}

// What stands inside, this where nothing of ours.
inline constexpr HeaderId nothing = 255;
inline constexpr auto inner_ids = [] {  // of the rows of carries: no names are compared later
  std::array<HeaderId, std::size(carries)> ids{};
  for (std::size_t row = 0; row < ids.size(); ++row) ids[row] = id_of(carries[row].inner);
  return ids;
}();
constexpr HeaderId inner_of(Space space, u64 value) {
  for (std::size_t row = 0; row < std::size(carries); ++row)
    if (carries[row].space == space && carries[row].value == value) return inner_ids[row];
  return nothing;
}

constexpr const Link* link_of(u16 type) {
  for (const Link& link : links)
    if (link.type == type) return &link;
  return nullptr;
}

constexpr const Field* field_of(const Header& header, std::string_view word) {
  if (word.empty()) return nullptr;
  for (const Field& field : header.fields)
    if (field.word == word) return &field;
  for (const Field& field : header.found)
    if (field.word == word) return &field;
  return nullptr;
}

// The fields that Header::length and Header::selector name, by header; nullptr where there is none.
inline constexpr auto length_fields = [] {
  std::array<const Field*, header_count> fields{};
  for (HeaderId id = 0; id < header_count; ++id)
    fields[id] = field_of(*headers[id], headers[id]->length);
  return fields;
}();
inline constexpr auto selector_fields = [] {
  std::array<const Field*, header_count> fields{};
  for (HeaderId id = 0; id < header_count; ++id)
    fields[id] = field_of(*headers[id], headers[id]->selector);
  return fields;
}();

}  // namespace trama::wire
