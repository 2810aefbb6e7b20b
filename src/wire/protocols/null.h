// BSD loopback: four bytes that name the address family, in the byte order of whoever captured
// (LINKTYPE_NULL) or in network order (LINKTYPE_LOOP).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto null_found = std::to_array<Field>({
    {"null.family", 0, Show::dec,  N_("address family: 2 is IPv4; 24, 28 and 30 are IPv6")},
    {"null.type",   0, Show::hex4, N_("what the payload is")                              },
});

inline void walk_null(Walk& walk) {
  if (!walk.whole(0, 4)) return;
  const u64 forward = walk.number(0, 4);
  if (forward >> 16 == 0xff03) {  // PPP, whatever the file says
    walk.header_length = 0;
    walk.space = Space::inside;
    walk.selector = 1;
    return;
  }
  const u64 backward = __builtin_bswap32(static_cast<u32>(forward));
  const u64 family = forward > 0xffff ? backward : forward;  // families are small numbers
  if (family >= 0x600) {
    walk.put(in(null_found, "null.type"), 0, 4, family);
    walk.space = Space::ethertype;
    walk.selector = family;
    return;
  }
  walk.put(in(null_found, "null.family"), 0, 4, family);
  walk.space = Space::null_family;
  walk.selector = family;
}

inline constexpr auto null_fields = lay_out<4>({
    {"", 32, Show::dec, ""}
});

inline constexpr Header null{.word = "null",
                             .name = "Null/Loopback",
                             .layer = 2,
                             .place = Place::link,
                             .fields = null_fields,
                             .found = null_found,
                             .walk = walk_null,
                             .deep = Deep::always};

}  // namespace trama::wire
