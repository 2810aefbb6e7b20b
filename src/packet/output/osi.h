// OSI's seven layers as trama tells them (ISO/IEC 7498-1; the Internet's protocols fill five).
#pragma once
#include <string>

namespace trama::output {

// "layer 4, transport", in the language spoken; "" for 0.
std::string osi_layer(unsigned layer);

}  // namespace trama::output
