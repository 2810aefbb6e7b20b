// From how a conversation ended to the program's answer.
#pragma once
#include <string>

#include "base/result.h"
#include "connect/events.h"

namespace trama::connect {

// Exit::yes only if it worked; errors (Exit::no, lost_output) name the peer and say why.
Result<Exit> judged(const Request& request, const std::string& name, const Report& report);

// Standard input that gives an error instead of bytes.
tl::unexpected<Error> input_lost(int error);

}  // namespace trama::connect
