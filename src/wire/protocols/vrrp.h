// Virtual Router Redundancy Protocol, versions 2 and 3 (RFC 3768, RFC 5798): which of several
// routers answers for their common addresses.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name vrrp_type_names[] = {
    {1, "Advertisement"}
};

inline constexpr auto vrrp_fields = lay_out<8>({
    {"vrrp.version",     4,  Show::dec,  N_("version of the protocol")      },
    named(vrrp_type_names, {"vrrp.type",        4,  Show::dec,  N_("kind of message")              }
    ),
    {"vrrp.virt_rtr_id", 8,  Show::dec,  N_("number of the common router")  },
    {"vrrp.prio",        8,  Show::dec,  N_("how much this router is liked")},
    {"vrrp.addr_count",  8,  Show::dec,  N_("how many addresses")           },
    {"",                 16, Show::dec,  N_("how often it says so")         },
    {"vrrp.checksum",    16, Show::hex4, N_("checksum of the message")      },
});

inline constexpr auto vrrp_found = std::to_array<Field>({
    {"vrrp.auth_type",       0, Show::dec,  N_("how the message is proved")                       },
    {"vrrp.adver_int",       0, Show::dec,  N_("seconds between two such messages")               },
    {"vrrp.short_adver_int", 0, Show::dec,  N_("hundredths of a second between two such messages")},
    {"vrrp.ip_addr",         0, Show::ipv4, N_("an address that the routers share")               },
});

inline void walk_vrrp(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 8)) return walk.cut();
  if (walk.data[0] >> 4 == 3) {
    walk.put(in(vrrp_found, "vrrp.short_adver_int"), 4, 2, walk.number(4, 2) & 0xfff);
  } else {
    walk.put(in(vrrp_found, "vrrp.auth_type"), 4, 1, walk.data[4]);
    walk.put(in(vrrp_found, "vrrp.adver_int"), 5, 1, walk.data[5]);
  }
  if (walk.network_v6) return;
  const u32 end = 8 + 4U * walk.data[3];
  for (u32 at = 8; at < end && at < walk.length; at += 4) {
    if (!walk.whole(at, 4)) return walk.cut();
    walk.put(in(vrrp_found, "vrrp.ip_addr"), at, 4, walk.number(at, 4));
  }
}

inline constexpr Header vrrp{.word = "vrrp",
                             .name = "Virtual Router Redundancy Protocol",
                             .layer = 3,
                             .place = Place::transport,
                             .fields = vrrp_fields,
                             .found = vrrp_found,
                             .walk = walk_vrrp,
                             .deep = Deep::always};

}  // namespace trama::wire
