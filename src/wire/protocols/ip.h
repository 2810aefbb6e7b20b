// Internet Protocol version 4 (RFC 791; the service byte as RFC 2474 and 3168 read it).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name ip_protocol_names[] = {
    {0,   "HOPOPT"    },
    {1,   "ICMP"      },
    {2,   "IGMP"      },
    {4,   "IPIP"      },
    {6,   "TCP"       },
    {17,  "UDP"       },
    {41,  "IPv6"      },
    {43,  "IPv6-Route"},
    {44,  "IPv6-Frag" },
    {47,  "GRE"       },
    {50,  "ESP"       },
    {51,  "AH"        },
    {58,  "ICMPv6"    },
    {59,  "IPv6-NoNxt"},
    {60,  "IPv6-Opts" },
    {89,  "OSPF IGP"  },
    {132, "SCTP"      }
};

inline constexpr auto ip_fields = lay_out<20>({
    {"ip.version",      4,  Show::dec,  N_("always 4")                                        },
    times(4, {"ip.hdr_len",      4,  Show::dec,  N_("bytes of this header")                            }
    ),
    {"ip.dsfield.dscp", 6,  Show::dec,  N_("service class")                                   },
    {"ip.dsfield.ecn",  2,  Show::dec,  N_("congestion: 3 means a router was congested")      },
    again({"ip.dsfield",      8,  Show::hex2, N_("service class and congestion marks")              }
    ),
    {"ip.len",          16, Show::dec,  N_("bytes of header and payload")                     },
    {"ip.id",           16, Show::hex4, N_("groups the fragments of one datagram")            },
    {"ip.flags.rb",     1,  Show::flag, N_("reserved")                                        },
    {"ip.flags.df",     1,  Show::flag, N_("don't fragment")                                  },
    {"ip.flags.mf",     1,  Show::flag, N_("more fragments follow")                           },
    again({"ip.flags",        3,  Show::hex2, N_("the three flags together")                        }
    ),
    {"ip.frag_offset",  13, Show::dec,  N_("where this fragment belongs, in units of 8 bytes")},
    {"ip.ttl",          8,  Show::dec,  N_("hops left before routers drop it")                },
    named(ip_protocol_names,
          {"ip.proto",        8,  Show::dec,  N_("what the payload is: 6 TCP, 17 UDP, 1 ICMP")      }
    ),
    {"ip.checksum",     16, Show::hex4, N_("of this header only")                             },
    {"ip.src",          32, Show::ipv4, N_("sender")                                          },
    {"ip.dst",          32, Show::ipv4, N_("receiver")                                        },
});

inline constexpr auto ip_found = std::to_array<Field>({
    {"ip.fragment",           0, Show::dec, N_("packet that brought a fragment")       },
    {"ip.fragment.count",     0, Show::dec, N_("fragments of the datagram")            },
    {"ip.reassembled_in",     0, Show::dec, N_("packet in which the datagram is whole")},
    {"ip.reassembled.length", 0, Show::dec, N_("bytes of the datagram put together")   },
});

inline constexpr Alias ip_aliases[] = {
    {"ip.addr", "ip.src", "ip.dst"}
};

// A fragment, or a header length that cannot be.
constexpr bool ip_is_odd(const u8* header) {
  return (((header[6] << 8 | header[7]) & 0x3fff) != 0) | ((header[0] & 0x0f) < 5);
}

inline void walk_ip(Walk& walk) {
  if (!walk.whole(0, 20)) return;
  if (walk.header_length < 20) {
    walk.malformed(0);
    walk.has_payload = false;
    return;
  }
  const auto total = static_cast<u32>(walk.number(2, 2));
  if (total >= walk.header_length && total < walk.length)
    walk.length = total;  // 0: offload left it out
  const auto fragment = static_cast<u32>(walk.number(6, 2));
  if ((fragment & 0x3fffU) != 0)
    walk.fragment(static_cast<u32>(walk.number(4, 2)), (fragment & 0x1fffU) * 8,
                  (fragment & 0x2000U) != 0);
}

inline constexpr Header ip{.word = "ip",
                           .name = "Internet Protocol Version 4",
                           .layer = 3,
                           .place = Place::network,
                           .fields = ip_fields,
                           .found = ip_found,
                           .aliases = ip_aliases,
                           .length = "ip.hdr_len",
                           .total = "ip.len",
                           .selector = "ip.proto",
                           .space = Space::ip_protocol,
                           .walk = walk_ip,
                           .deep = Deep::sometimes,
                           .odd = ip_is_odd};

}  // namespace trama::wire
