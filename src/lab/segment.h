// Which conversation a frame belongs to: as much of Ethernet, IP, TCP and UDP as the lab needs to
// ask the kernel about both ends. Everything else about a frame is the dissector's.
#pragma once
#include <optional>

#include "base/address.h"
#include "host/socket_table.h"

namespace trama::lab {

struct Segment {
  host::Transport transport = host::Transport::tcp;
  Endpoint source, destination;
  bool syn = false, ack = false, fin = false, rst = false, psh = false;  // TCP's
  u32 payload = 0;      // bytes behind the transport header
  bool quoted = false;  // an ICMP error: the ends are those of the packet that it quotes, swapped,
                        // so that `source` is at the sender of the error
};

// Nothing for frames of other protocols, later fragments, and frames cut short (RFC 791, 8200,
// 9293, 768, 792, 4443).
std::optional<Segment> segment_of(Bytes frame);

}  // namespace trama::lab
