// Internet Group Management Protocol, versions 1 to 3 (RFC 1112, 2236, 3376).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto igmp_fields = lay_out<8>({
    {"igmp.type",     8,  Show::hex2, N_("query, report or leave")},
    {"",              8,  Show::dec,  ""                          },
    {"igmp.checksum", 16, Show::hex4, N_("of the whole message")  },
    {"",              32, Show::dec,  ""                          },
});

inline constexpr auto igmp_found = std::to_array<Field>({
    {"igmp.maddr", 0, Show::ipv4, N_("the group")},
});

inline void walk_igmp(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 8)) return;
  const Field& group = in(igmp_found, "igmp.maddr");
  if (walk.data[0] != 0x22) {
    walk.put(group, 4, 4, walk.number(4, 4));
    return;
  }
  u32 at = 8;  // a version 3 report lists group records
  for (u64 left = walk.number(6, 2); left > 0 && walk.whole(at, 8); --left) {
    walk.put(group, at + 4, 4, walk.number(at + 4, 4));
    at += 8 + static_cast<u32>(walk.number(at + 2, 2)) * 4 + walk.data[at + 1] * 4U;
  }
}

inline constexpr Header igmp{.word = "igmp",
                             .name = "Internet Group Management Protocol",
                             .layer = 3,
                             .place = Place::transport,
                             .fields = igmp_fields,
                             .found = igmp_found,
                             .walk = walk_igmp,
                             .deep = Deep::always};

}  // namespace trama::wire
