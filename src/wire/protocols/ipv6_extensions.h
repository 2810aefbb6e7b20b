// The extension headers of IPv6 (RFC 8200 section 4): hop-by-hop, routing, destination options,
// fragment. Each names what follows it in its first byte.
#pragma once
#include "wire/protocols/ip.h"

namespace trama::wire {

// The second byte counts units of 8 bytes beyond the first 8.
inline void walk_ipv6_extension(Walk& walk) {
  if (walk.whole(1, 1)) walk.header_length = 8U + 8U * walk.data[1];
}

inline constexpr auto ipv6_hopopts_fields = lay_out<2>({
    named(ip_protocol_names, {"ipv6.hopopts.nxt", 8, Show::dec, N_("what follows")                        }
     ),
    {"ipv6.hopopts.len", 8, Show::dec, N_("length beyond 8 bytes, in units of 8")},
});
inline constexpr Header ipv6_hopopts{.word = "ipv6.hopopts",
                                     .name = "IPv6 Hop-by-Hop Option",
                                     .layer = 3,
                                     .place = Place::network,
                                     .fields = ipv6_hopopts_fields,
                                     .selector = "ipv6.hopopts.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_extension,
                                     .deep = Deep::always};

inline constexpr auto ipv6_dstopts_fields = lay_out<2>({
    named(ip_protocol_names, {"ipv6.dstopts.nxt", 8, Show::dec, N_("what follows")                        }
     ),
    {"ipv6.dstopts.len", 8, Show::dec, N_("length beyond 8 bytes, in units of 8")},
});
inline constexpr Header ipv6_dstopts{.word = "ipv6.dstopts",
                                     .name = "IPv6 Destination Options",
                                     .layer = 3,
                                     .place = Place::network,
                                     .fields = ipv6_dstopts_fields,
                                     .selector = "ipv6.dstopts.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_extension,
                                     .deep = Deep::always};

inline constexpr auto ipv6_routing_fields = lay_out<4>({
    named(ip_protocol_names, {"ipv6.routing.nxt",     8, Show::dec, N_("what follows")                        }
     ),
    {"ipv6.routing.len",     8, Show::dec, N_("length beyond 8 bytes, in units of 8")},
    {"ipv6.routing.type",    8, Show::dec, N_("kind of route")                       },
    {"ipv6.routing.segleft", 8, Show::dec, N_("stations left to visit")              },
});
inline constexpr Header ipv6_routing{.word = "ipv6.routing",
                                     .name = "IPv6 Routing Header",
                                     .layer = 3,
                                     .place = Place::network,
                                     .fields = ipv6_routing_fields,
                                     .selector = "ipv6.routing.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_extension,
                                     .deep = Deep::always};

inline constexpr auto ipv6_fraghdr_fields = lay_out<8>({
    named(ip_protocol_names, {"ipv6.fraghdr.nxt",            8,  Show::dec,  N_("what follows")                                    }
     ),
    {"ipv6.fraghdr.reserved_octet", 8,  Show::hex4, N_("reserved")                                        },
    {"ipv6.fraghdr.offset",         13, Show::dec,  N_("where this fragment belongs, in units of 8 bytes")},
    {"ipv6.fraghdr.reserved_bits",  2,  Show::dec,  N_("reserved")                                        },
    {"ipv6.fraghdr.more",           1,  Show::flag, N_("more fragments follow")                           },
    {"ipv6.fraghdr.ident",          32, Show::hex8, N_("groups the fragments of one datagram")            },
});
inline constexpr auto ipv6_fraghdr_found = std::to_array<Field>({
    {"ipv6.fragment",           0, Show::dec, N_("packet that brought a fragment")       },
    {"ipv6.fragment.count",     0, Show::dec, N_("fragments of the datagram")            },
    {"ipv6.reassembled.in",     0, Show::dec, N_("packet in which the datagram is whole")},
    {"ipv6.reassembled.length", 0, Show::dec, N_("bytes of the datagram put together")   },
});
inline void walk_ipv6_fraghdr(Walk& walk) {
  if (!walk.whole(0, 8)) return;
  const auto fragment = static_cast<u32>(walk.number(2, 2));
  if ((fragment & 0xfff9U) != 0)
    walk.fragment(static_cast<u32>(walk.number(4, 4)), fragment & 0xfff8U, (fragment & 1) != 0);
}
inline constexpr Header ipv6_fraghdr{.word = "ipv6.fraghdr",
                                     .name = "IPv6 Fragment Header",
                                     .layer = 3,
                                     .place = Place::network,
                                     .fields = ipv6_fraghdr_fields,
                                     .found = ipv6_fraghdr_found,
                                     .selector = "ipv6.fraghdr.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_fraghdr,
                                     .deep = Deep::always};

}  // namespace trama::wire
