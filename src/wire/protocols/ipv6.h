// Internet Protocol version 6 (RFC 8200).
#pragma once
#include "wire/protocols/ip.h"

namespace trama::wire {

inline constexpr auto ipv6_fields = lay_out<40>({
    {"ipv6.version",     4,   Show::dec,  N_("always 6")                                  },
    again({"ip.version",       4,   Show::dec,  N_("always 6")                                  }
    ),
    {"ipv6.tclass.dscp", 6,   Show::dec,  N_("service class")                             },
    {"ipv6.tclass.ecn",  2,   Show::dec,  N_("congestion: 3 means a router was congested")},
    again({"ipv6.tclass",      8,   Show::hex8, N_("service class and congestion marks")        }
    ),
    {"ipv6.flow",        20,  Show::hex6, N_("label that keeps a flow together")          },
    {"ipv6.plen",        16,  Show::dec,  N_("bytes behind this header")                  },
    named(ip_protocol_names,
          {"ipv6.nxt",         8,   Show::dec,  N_("what follows: 6 TCP, 17 UDP, 58 ICMPv6")    }
    ),
    {"ipv6.hlim",        8,   Show::dec,  N_("hops left before routers drop it")          },
    {"ipv6.src",         128, Show::ipv6, N_("sender")                                    },
    {"ipv6.dst",         128, Show::ipv6, N_("receiver")                                  },
});

inline constexpr Alias ipv6_aliases[] = {
    {"ipv6.addr", "ipv6.src", "ipv6.dst"}
};

constexpr bool ipv6_is_wrong(const u8* header) { return header[0] >> 4 != 6; }
constexpr bool ipv6_hides(const Field& field, const u8* header) {
  return ipv6_is_wrong(header) && field.at >= 4;
}

inline void walk_ipv6(Walk& walk) {
  if (walk.whole(0, 1) && ipv6_is_wrong(walk.data)) {  // not IPv6 at all
    walk.path = {};
    walk.header_length = 0;
    walk.space = Space::none;
    return walk.malformed(0);
  }
  if (!walk.whole(0, 40)) return walk.cut();
  const auto payload = static_cast<u32>(walk.number(4, 2));
  if (payload != 0 && 40 + payload < walk.length)
    walk.length = 40 + payload;  // 0: a jumbogram or offload
}

inline constexpr Header ipv6{.word = "ipv6",
                             .name = "Internet Protocol Version 6",
                             .layer = 3,
                             .place = Place::network,
                             .fields = ipv6_fields,
                             .aliases = ipv6_aliases,
                             .total = "ipv6.plen",
                             .total_adds = 40,
                             .selector = "ipv6.nxt",
                             .space = Space::ip_protocol,
                             .walk = walk_ipv6,
                             .deep = Deep::sometimes,
                             .odd = ipv6_is_wrong,
                             .hides = ipv6_hides,
                             .together = {{{4, 7}}}};

}  // namespace trama::wire
