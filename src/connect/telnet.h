// TELNET's option negotiation (RFC 854), refused: who asks gets a no, and can go on.
#pragma once
#include <vector>

#include "base/bytes.h"

namespace trama::connect {

// The answers to what these bytes ask for: DO X gets WONT X, WILL X gets DONT X. A question that
// is cut by the end of the bytes is passed over.
std::vector<u8> telnet_refusals(Bytes bytes);

}  // namespace trama::connect
