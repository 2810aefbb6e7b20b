// What the capture file says of a packet, as rows of its tree: times, lengths, the interface,
// comments and flags (pcapng's packet options, draft-ietf-opsawg-pcapng section 4.3).
#pragma once
#include "packet/dissect/tree.h"

namespace trama::dissect {

// Adds the rows of layer 0, but for frame.protocols and frame.time_delta_displayed, which later
// stages know.
void add_frame(Tree& tree, const Packet& packet, const source::Interface& interface);

}  // namespace trama::dissect
