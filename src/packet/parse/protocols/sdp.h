// What SDP says about media to come.
#pragma once
#include <string_view>

#include "packet/parse/message.h"

namespace trama::parse {

// Announces where the description's media are received: RTP and its RTCP, fax (T.38).
void announce_media(Message& message, std::string_view description);

}  // namespace trama::parse
