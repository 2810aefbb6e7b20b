// What an ICMP or ICMPv6 error means for the conversation that it speaks of (RFC 792, 4443).
#pragma once
#include <string>

#include "packet/flow/conversation.h"
#include "packet/flow/segment.h"

namespace trama::story {

// "ICMP 3/3 port unreachable".
std::string icmp_label(const flow::IcmpError& error);
std::string icmp_sentence(const flow::IcmpError& error, const flow::Conversation& conversation);
bool is_port_unreachable(const flow::IcmpError& error);

}  // namespace trama::story
