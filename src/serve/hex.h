// Bytes as a dump: offset, sixteen bytes in hexadecimal, the same as ASCII; a line each, indented.
#pragma once
#include <string>

#include "base/bytes.h"

namespace trama::serve {

void append_hex(std::string& out, Bytes bytes);

}  // namespace trama::serve
