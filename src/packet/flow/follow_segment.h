// One TCP segment seen against what came before it: its notes, tshark's analysis, its relative
// numbers, and the states of both ends after it (RFC 9293).
#pragma once
#include "packet/flow/table.h"

namespace trama::flow {

// `step` has its conversation, direction and segment; the rest is filled here. A segment that is
// not whole changes nothing: its numbers stay as they stand. `states`: false where nobody asks for
// notes and states.
void follow_segment(Step& step, const Packet& packet, bool states);

// Whether a SYN begins another stream hangs on the state of an end that has sent nothing: until
// then segments are followed whoever asks.
bool follows_anyway(const Conversation& conversation, const Segment& segment);

}  // namespace trama::flow
