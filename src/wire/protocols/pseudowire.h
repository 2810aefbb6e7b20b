// What stands behind a stack of MPLS labels and is no IP: an associated channel (RFC 5586), or an
// Ethernet frame with or without a control word (RFC 4448), which only a guess can tell.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

// Of Space::pseudowire, beside those of mpls.h.
inline constexpr u64 wire_with_word = 2, wire_without_word = 3;

// A hardware address that some maker was given: most of those that start with a zero byte were.
constexpr bool looks_assigned(const u8* address) { return (address[0] & 3) == 0; }

inline void walk_pwethheuristic(Walk& walk) {
  walk.header_length = 0;
  walk.space = Space::none;
  if (!walk.whole(0, 4)) return;
  walk.space = Space::pseudowire;
  const u8* at = walk.data;
  const bool frame = walk.whole(0, 14) && looks_assigned(at) && looks_assigned(at + 6) &&
                     (at[6] == 0 || at[12] >= 6 || walk.number(12, 2) <= walk.length);
  walk.selector = frame ? wire_without_word : wire_with_word;
}

inline constexpr Header pwethheuristic{.word = "pwethheuristic",
                                       .name = "Ethernet PW (CW is heuristically detected)",
                                       .layer = 2,
                                       .place = Place::tag,
                                       .fields = {},
                                       .walk = walk_pwethheuristic,
                                       .deep = Deep::always};

inline constexpr auto pwethcw_fields = lay_out<4>({
    {"",                         16, Show::dec, ""                         },
    {"pweth.cw.sequence_number", 16, Show::dec, N_("number of this packet")},
});
inline void walk_pwethcw(Walk& walk) {
  walk.even_empty = true;
  walk.selector = 0;
}
inline constexpr Header pwethcw{.word = "pwethcw",
                                .name = "PW Ethernet Control Word",
                                .layer = 2,
                                .place = Place::tag,
                                .fields = pwethcw_fields,
                                .space = Space::inside,
                                .walk = walk_pwethcw,
                                .deep = Deep::always};

inline constexpr Header pwethnocw{.word = "pwethnocw",
                                  .name = "Ethernet PW (no CW)",
                                  .layer = 2,
                                  .place = Place::tag,
                                  .fields = {},
                                  .space = Space::inside,
                                  .walk = walk_pwethcw,
                                  .deep = Deep::always};

inline constexpr auto pwach_fields = lay_out<4>({
    {"",                   4,  Show::dec,  ""                       },
    {"pwach.ver",          4,  Show::dec,  N_("version")            },
    {"pwach.res",          8,  Show::hex2, N_("reserved")           },
    {"pwach.channel_type", 16, Show::hex4, N_("what the payload is")},
});
inline constexpr Header pwach{.word = "pwach",
                              .name = "PW Associated Channel Header",
                              .layer = 2,
                              .place = Place::tag,
                              .fields = pwach_fields,
                              .selector = "pwach.channel_type",
                              .space = Space::ppp_protocol,  // the same numbers
                              .deep = Deep::always};

}  // namespace trama::wire
