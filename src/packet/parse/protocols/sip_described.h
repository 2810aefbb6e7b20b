// Which media descriptions of a SIP conversation say something new.
#pragma once
#include <string_view>

#include "packet/parse/message.h"

namespace trama::parse {

// False for a request that is sent again, and for the final answer behind a provisional one that
// held the description already. `status`: 0 for a request.
bool describes_anew(Message& message, u32 status, std::string_view call_id, std::string_view cseq);

}  // namespace trama::parse
