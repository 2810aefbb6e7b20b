// Names of NetBIOS (RFC 1001 section 14): 16 bytes, the last one of which says whose name it is,
// written as a domain label of 32 letters.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trama::parse {

// "HOST<20>" of 16 bytes: blanks before the last byte left out, "<01>" for what is not ASCII text.
std::string netbios_name(Bytes raw);
// The same of a domain name whose first label is such a name: "HOST<20>.the.rest". "" where it is
// none.
std::string netbios_name(std::string_view domain);
// What the last byte of a name says: "Server service", "Unknown".
std::string_view netbios_kind(u8 kind);

}  // namespace trama::parse
