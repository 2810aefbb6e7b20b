// What the judge found, as sentences of a packet.
#pragma once
#include <string>

#include "packet/flow/table.h"
#include "packet/flow/verdict.h"

namespace trama::story {

// Its bytes were sent before: as the judge has it, or the flow table where nobody judged.
bool is_sent_again(const flow::Step& step, const flow::Verdicts* verdicts);
// Why a packet was sent again, or is here twice, in place of all else; "" where neither is told.
std::string about_cause(const flow::Step& step, const flow::Verdicts& verdicts);
// What an ACK proves about packets before it, behind its own sentence; "" where nothing.
std::string about_proof(const flow::Step& step, const flow::Verdicts& verdicts);
// The same for the packet that it is about, once the proof is there; "" where nothing.
std::string about_afterwards(const flow::Verdict& verdict, u64 number);

}  // namespace trama::story
