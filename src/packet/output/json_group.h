// --no-duplicate-keys: members of one object that have the same key become one array, at the place
// of the first.
#pragma once
#include <string>
#include <string_view>

namespace trama::output {

// `layers`: members as JsonLayer writes them, one a line. Appends them to `out`, grouped.
void append_grouped(std::string& out, std::string_view layers);

}  // namespace trama::output
