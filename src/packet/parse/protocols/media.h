// Bodies by their media type, for every protocol that names one.
#pragma once
#include "packet/parse/parser.h"

namespace trama::parse {

// Reads the bytes by a Content-Type ("text/html; charset=utf-8", empty: unknown) as a layer of
// their own; adds to the columns what tshark adds.
void read_media(Message& message, std::string_view content_type, const u8* bytes, u32 count);

}  // namespace trama::parse
