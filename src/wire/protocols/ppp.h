// Point-to-Point Protocol (RFC 1661), with HDLC's two bytes before it or without (RFC 1662), and in
// several links at once (RFC 1990).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto ppp_found = std::to_array<Field>({
    {"ppp.address",  0, Show::hex2, N_("always 0xff: all stations")},
    {"ppp.control",  0, Show::hex2, N_("always 0x03: unnumbered")  },
    {"ppp.protocol", 0, Show::hex4, N_("what the payload is")      },
});

inline void walk_ppp_from(Walk& walk, u32 at) {
  walk.space = Space::none;
  if (!walk.whole(at, 1)) return walk.cut();
  const u32 count = (walk.data[at] & 1) != 0 ? 1 : 2;  // an odd first byte is a compressed field
  if (!walk.whole(at, count)) return walk.cut();
  walk.selector = walk.number(at, count);
  walk.put(in(ppp_found, "ppp.protocol"), at, count, walk.selector);
  walk.space = Space::ppp_protocol;
  walk.header_length = at + count;
}

inline void walk_ppp(Walk& walk) {
  if (walk.whole(0, 2) && walk.data[0] == 0xff && walk.data[1] == 3) {
    walk.put(in(ppp_found, "ppp.address"), 0, 1, walk.data[0]);
    walk.put(in(ppp_found, "ppp.control"), 1, 1, walk.data[1]);
    return walk_ppp_from(walk, 2);
  }
  if (walk.whole(0, 1) && (walk.data[0] == 0x0f || walk.data[0] == 0x8f)) {  // Cisco's HDLC
    walk.header_length = 0;
    walk.space = Space::inside;
    walk.selector = 3;
    return;
  }
  walk_ppp_from(walk, 0);
}

inline constexpr Header ppp{.word = "ppp",
                            .name = "Point-to-Point Protocol",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = {},
                            .found = ppp_found,
                            .walk = walk_ppp,
                            .deep = Deep::always};

inline void walk_ppp_bare(Walk& walk) { walk_ppp_from(walk, 0); }

inline constexpr Header ppp_bare{.word = "ppp",
                                 .name = "Point-to-Point Protocol",
                                 .layer = 2,
                                 .place = Place::tag,
                                 .fields = {},
                                 .found = ppp_found,
                                 .walk = walk_ppp_bare,
                                 .deep = Deep::always};

inline constexpr auto mp_fields = lay_out<4>({
    {"mp.first", 1,  Show::flag, N_("the packet starts here")},
    {"mp.last",  1,  Show::flag, N_("the packet ends here")  },
    {"",         6,  Show::dec,  ""                          },
    {"mp.seq",   24, Show::dec,  N_("number of this packet") },
});

inline void walk_mp(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 5) || walk.data[0] >> 6 != 3) return;
  const u32 count = (walk.data[4] & 1) != 0 ? 1 : 2;
  if (!walk.whole(4, count)) return walk.cut();
  walk.selector = walk.number(4, count);
  walk.put(in(ppp_found, "ppp.protocol"), 4, count, walk.selector);
  walk.space = Space::ppp_protocol;
  walk.header_length = 4 + count;
}

inline constexpr Header mp{.word = "mp",
                           .name = "PPP Multilink Protocol",
                           .layer = 2,
                           .place = Place::tag,
                           .fields = mp_fields,
                           .walk = walk_mp,
                           .deep = Deep::always};

}  // namespace trama::wire
