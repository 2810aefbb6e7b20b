// User Datagram Protocol (RFC 768).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto udp_fields = lay_out<8>({
    {"udp.srcport",  16, Show::dec,  N_("sender's port")                            },
    {"udp.dstport",  16, Show::dec,  N_("receiver's port")                          },
    {"udp.length",   16, Show::dec,  N_("bytes of header and payload")              },
    {"udp.checksum", 16, Show::hex4, N_("of addresses, header and payload; 0: none")},
});

inline constexpr auto udp_found = std::to_array<Field>({
    {"udp.payload",       0, Show::bytes,   N_("what the program sent")                 },
    {"udp.stream",        0, Show::dec,     N_("number of the conversation, from 0")    },
    {"udp.time_relative", 0, Show::seconds, N_("since the conversation's first packet") },
    {"udp.time_delta",    0, Show::seconds, N_("since the conversation's packet before")},
});

inline constexpr Alias udp_aliases[] = {
    {"udp.port", "udp.srcport", "udp.dstport"}
};

inline void walk_udp(Walk& walk) {
  if (!walk.whole(0, 8)) return;
  const auto told = static_cast<u32>(walk.number(4, 2));
  if (told >= 8 && told < walk.length) walk.length = told;
  if (told < 8 && told != 0) {
    walk.malformed(4);
    walk.has_payload = false;
    return;
  }
  if (walk.payload_captured() > 0) {
    const u32 count = walk.payload_captured() < walk.payload_length() ? walk.payload_captured()
                                                                      : walk.payload_length();
    if (count > 0) walk.put_bytes(in(udp_found, "udp.payload"), 8, count);
  }
  // VXLAN is told by its port; other payloads are the parsers' matter.
  walk.selector = walk.number(2, 2);
}

inline constexpr Header udp{.word = "udp",
                            .name = "User Datagram Protocol",
                            .layer = 4,
                            .place = Place::transport,
                            .fields = udp_fields,
                            .found = udp_found,
                            .aliases = udp_aliases,
                            .selector = "udp.dstport",
                            .space = Space::udp_port,
                            .walk = walk_udp};

}  // namespace trama::wire
