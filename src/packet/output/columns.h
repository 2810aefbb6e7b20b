// The columns of the packet list, as tshark's default list has them (_ws.col.*).
#pragma once
#include <string>

#include "packet/output/output.h"

namespace trama::output {

// Behind the info of a segment whose message goes on.
inline constexpr std::string_view segment_of_a_message = " [TCP segment of a reassembled PDU]";
// How many of the nine digits behind a second's point the packet's clock does not have.
unsigned time_digits_cut(const Shown& shown);
void append_time(std::string& text, const Shown& shown, TimeFormat format);
void append_source(std::string& text, const Shown& shown);
void append_destination(std::string& text, const Shown& shown);
void append_protocol(std::string& text, const Shown& shown);
// What the TCP analysis found; stands before all else in the info.
void append_findings(std::string& text, const Shown& shown);
void append_info(std::string& text, const Shown& shown);

}  // namespace trama::output
