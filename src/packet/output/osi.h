// OSI's seven layers as trama tells them (ISO/IEC 7498-1; the Internet's protocols fill five).
#pragma once
#include <string>
#include <string_view>

namespace trama::output {

// "layer 4, transport", in the language spoken; "" for 0.
std::string osi_layer(unsigned layer);

// What a protocol does at its layer, one sentence; "" where nothing is told of it.
std::string_view header_role(std::string_view word);

}  // namespace trama::output
