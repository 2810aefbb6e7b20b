// Text inside HTML and SVG.
#pragma once
#include <string>
#include <string_view>

namespace trama {

// & < > and " become their entities: the text can stand between tags and in quoted attributes.
std::string escaped(std::string_view text);

}  // namespace trama
