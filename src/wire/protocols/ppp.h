// Point-to-Point Protocol (RFC 1661), bare or with HDLC's two bytes before it (RFC 1662).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto ppp_found = std::to_array<Field>({
    {"ppp.address",  0, Show::hex2, N_("always 0xff: all stations")},
    {"ppp.control",  0, Show::hex2, N_("always 0x03: unnumbered")  },
    {"ppp.protocol", 0, Show::hex4, N_("what the payload is")      },
});

inline void walk_ppp(Walk& walk) {
  u32 at = 0;
  walk.space = Space::none;
  if (walk.whole(0, 2) && walk.data[0] == 0xff) {
    walk.put(in(ppp_found, "ppp.address"), 0, 1, walk.data[0]);
    walk.put(in(ppp_found, "ppp.control"), 1, 1, walk.data[1]);
    at = 2;
  }
  if (!walk.whole(at, 1)) return;
  const u32 count = (walk.data[at] & 1) != 0 ? 1 : 2;  // an odd first byte is a compressed field
  if (!walk.whole(at, count)) return;
  walk.selector = walk.number(at, count);
  walk.put(in(ppp_found, "ppp.protocol"), at, count, walk.selector);
  walk.space = Space::ppp_protocol;
  walk.header_length = at + count;
}

inline constexpr Header ppp{.word = "ppp",
                            .name = "Point-to-Point Protocol",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = {},
                            .found = ppp_found,
                            .walk = walk_ppp,
                            .deep = Deep::always};

}  // namespace trama::wire
