// The extension headers of IPv6 (RFC 8200 section 4): hop-by-hop, routing, destination options,
// fragment. Each names what follows it in its first byte.
#pragma once
#include "wire/protocols/ip.h"

namespace trama::wire {

inline constexpr auto ipv6_options_found = std::to_array<Field>({
    {"ipv6.opt.type",           0, Show::hex2,  N_("kind of an option")                },
    {"ipv6.opt.length",         0, Show::dec,   N_("bytes of an option")               },
    {"ipv6.opt.pad1",           0, Show::dec,   N_("one byte of padding")              },
    {"ipv6.opt.padn",           0, Show::bytes, N_("padding")                          },
    {"ipv6.opt.router_alert",   0, Show::dec,   N_("every router looks at the packet") },
    {"ipv6.opt.jumbo",          0, Show::dec,   N_("bytes behind this header")         },
    {"ipv6.opt.tel",            0, Show::dec,   N_("how often it may be wrapped again")},
    {"ipv6.mipv6_home_address", 0, Show::ipv6,  N_("the sender's address at home")     },
    {"ipv6.opt.unknown",        0, Show::bytes, N_("the option itself")                },
});

// The second byte counts units of 8 bytes beyond the first 8.
inline void walk_ipv6_extension(Walk& walk) {
  if (walk.whole(1, 1)) walk.header_length = 8U + 8U * walk.data[1];
}

inline void walk_ipv6_option(Walk& walk, u32 at, u32 size) {
  switch (walk.data[at]) {
    case 0x01:
      if (size > 0) walk.put_bytes(in(ipv6_options_found, "ipv6.opt.padn"), at + 2, size);
      return;
    case 0x04:
      if (size >= 1) walk.put(in(ipv6_options_found, "ipv6.opt.tel"), at + 2, 1, walk.data[at + 2]);
      return;
    case 0x05:
      if (size >= 2)
        walk.put(in(ipv6_options_found, "ipv6.opt.router_alert"), at + 2, 2,
                 walk.number(at + 2, 2));
      return;
    case 0xc2:
      if (size >= 4)
        walk.put(in(ipv6_options_found, "ipv6.opt.jumbo"), at + 2, 4, walk.number(at + 2, 4));
      return;
    case 0xc9:
      if (size >= 16) walk.put_bytes(in(ipv6_options_found, "ipv6.mipv6_home_address"), at + 2, 16);
      return;
    default:
      if (size > 0) walk.put_bytes(in(ipv6_options_found, "ipv6.opt.unknown"), at + 2, size);
  }
}

inline void walk_ipv6_options(Walk& walk) {
  walk_ipv6_extension(walk);
  if (!walk.whole(0, 2)) return walk.cut();
  for (u32 at = 2; at < walk.header_length;) {
    if (!walk.whole(at, 1)) return walk.cut();
    walk.put(in(ipv6_options_found, "ipv6.opt.type"), at, 1, walk.data[at]);
    if (walk.data[at] == 0) {
      walk.put(in(ipv6_options_found, "ipv6.opt.pad1"), at, 1, 1);
      ++at;
      continue;
    }
    if (!walk.whole(at, 2)) return walk.cut();
    const u32 size = walk.data[at + 1];
    walk.put(in(ipv6_options_found, "ipv6.opt.length"), at + 1, 1, size);
    if (at + 2 + size > walk.header_length || !walk.whole(at + 2, size)) return walk.cut();
    walk_ipv6_option(walk, at, size);
    at += 2 + size;
  }
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
                                     .found = ipv6_options_found,
                                     .selector = "ipv6.hopopts.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_options,
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
                                     .found = ipv6_options_found,
                                     .selector = "ipv6.dstopts.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_options,
                                     .deep = Deep::always};

inline constexpr auto ipv6_routing_fields = lay_out<4>({
    named(ip_protocol_names, {"ipv6.routing.nxt",     8, Show::dec, N_("what follows")                        }
     ),
    {"ipv6.routing.len",     8, Show::dec, N_("length beyond 8 bytes, in units of 8")},
    {"ipv6.routing.type",    8, Show::dec, N_("kind of route")                       },
    {"ipv6.routing.segleft", 8, Show::dec, N_("stations left to visit")              },
});
inline constexpr auto ipv6_routing_found = std::to_array<Field>({
    {"ipv6.routing.src.addr",           0, Show::ipv6, N_("router to visit")               },
    {"ipv6.routing.mipv6.home_address", 0, Show::ipv6, N_("the receiver's address at home")},
    {"ipv6.routing.srh.addr",           0, Show::ipv6, N_("station of the route")          },
});
// The addresses of a route (RFC 2460 type 0, RFC 6275 type 2, RFC 8754 type 4).
inline void walk_ipv6_routing(Walk& walk) {
  walk_ipv6_extension(walk);
  if (!walk.whole(0, 4)) return walk.cut();
  const unsigned kind = walk.data[2];
  if (kind != 0 && kind != 2 && kind != 4) return;
  const Field& field = kind == 0   ? in(ipv6_routing_found, "ipv6.routing.src.addr")
                       : kind == 2 ? in(ipv6_routing_found, "ipv6.routing.mipv6.home_address")
                                   : in(ipv6_routing_found, "ipv6.routing.srh.addr");
  const u32 most = kind == 4 && walk.whole(4, 1) ? walk.data[4] + 1U : 256;
  for (u32 i = 0; i < most && 24 + 16 * i <= walk.header_length; ++i) {
    if (!walk.whole(8 + 16 * i, 16)) return walk.cut();
    walk.put_bytes(field, 8 + 16 * i, 16);
    if (kind == 2) return;
  }
}
inline constexpr Header ipv6_routing{.word = "ipv6.routing",
                                     .name = "IPv6 Routing Header",
                                     .layer = 3,
                                     .place = Place::network,
                                     .fields = ipv6_routing_fields,
                                     .found = ipv6_routing_found,
                                     .selector = "ipv6.routing.nxt",
                                     .space = Space::ip_protocol,
                                     .walk = walk_ipv6_routing,
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
