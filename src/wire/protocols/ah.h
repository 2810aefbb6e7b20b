// Authentication Header of IPsec (RFC 4302): proves who sent the payload, and leaves it readable.
#pragma once
#include "wire/protocols/ip.h"

namespace trama::wire {

inline constexpr auto ah_fields = lay_out<12>({
    named(ip_protocol_names, {"ah.next_header", 8,  Show::dec,  N_("what follows")                                       }
     ),
    {"ah.length",      8,  Show::dec,  N_("length of the header without 8 bytes, in units of 4")},
    {"ah.reserved",    16, Show::hex4, N_("reserved")                                           },
    {"ah.spi",         32, Show::hex8, N_("which security association")                         },
    {"ah.sequence",    32, Show::dec,  N_("number of this packet")                              },
});

inline constexpr auto ah_found = std::to_array<Field>({
    {"ah.icv", 0, Show::bytes, N_("proof that nobody changed the packet")},
});

inline void walk_ah(Walk& walk) {
  if (!walk.whole(0, 12)) return;
  walk.header_length = (walk.data[1] + 2U) * 4;
  if (walk.header_length > 12) put_piece(walk, in(ah_found, "ah.icv"), 12, walk.header_length - 12);
}

inline constexpr Header ah{.word = "ah",
                           .name = "Authentication Header",
                           .layer = 3,
                           .place = Place::network,
                           .fields = ah_fields,
                           .found = ah_found,
                           .selector = "ah.next_header",
                           .space = Space::ip_protocol,
                           .walk = walk_ah,
                           .deep = Deep::always};

}  // namespace trama::wire
