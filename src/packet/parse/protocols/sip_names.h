// The names of SIP's headers, and how their values are read.
#pragma once
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "wire/header.h"

namespace trama::parse {

// In letters of any case.
bool same(std::string_view a, std::string_view b);
// Without the spaces around it, and the line's end.
std::string_view trimmed(std::string_view text);
// The number that it begins with.
std::optional<u32> number_in(std::string_view text);
// What a header of this name (or letter) is in sip_fields.h; nullptr: nothing.
const wire::Field* header_field(std::string_view name);

}  // namespace trama::parse
