// The list's columns of the common packet, TCP or UDP over IP with nothing deep, straight from its
// header bytes and the flow table's step: the same text as from its tree, at a tenth of the price.
// What parsers told of its messages is in Shown::told and needs no tree either.
#pragma once
#include <string>

#include "packet/output/output.h"

namespace trama::output {

// Asked before the functions below: the marks and the step tell all columns of this packet. False:
// its tree must be asked.
bool marks_tell(const Shown& shown);
// Where they do: the header's lengths fit, so that the info has no more to say than its numbers.
bool marks_tell_info(const Shown& shown);

// Each writes into memory with room, and returns what follows its text: an address takes at most 46
// bytes, an info without findings at most `most_info`.
inline constexpr std::size_t most_info = 1024;
char* write_marked_source(char* at, const Packet& packet);
char* write_marked_destination(char* at, const Packet& packet);
std::string_view marked_protocol(const Packet& packet);
// The transport's own info, as where no parser spoke.
char* write_marked_info(char* at, const Shown& shown);

// What the info of a TCP segment starts with: ports, flags, numbers, length.
struct TcpLine {
  u64 from = 0, to = 0, flags = 0, seq = 0, ack = 0, window = 0, urgent = 0, length = 0;
  bool measured = true;  // the length is known
};
// "SYN, ACK"; "<None>".
char* write_tcp_flags(char* at, u64 flags);
char* write_tcp_line(char* at, const TcpLine& line);
// What an option adds; nothing for most of them.
char* write_tcp_option(char* at, const wire::Field& field, u64 value);

}  // namespace trama::output
