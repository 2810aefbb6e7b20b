// Giving up rights that were needed for the start only.
#pragma once
#include <string>

#include "base/result.h"

namespace trama::host {

// This process becomes the user, with the user's groups and nothing else, for ever: no program that
// it starts gets more (no_new_privs).
// Errors: no such user (Exit::bad_input), no right to change (Exit::no_right).
Result<void> become(const std::string& user);

}  // namespace trama::host
