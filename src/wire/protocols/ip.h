// Internet Protocol version 4 (RFC 791; the service byte as RFC 2474 and 3168 read it).
#pragma once
#include "wire/checksum.h"
#include "wire/ip_protocol_names.h"
#include "wire/walk.h"

namespace trama::wire {

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
    {"ip.checksum.status",    0, Show::dec,  N_("1 good, 0 bad, 2 not verified")         },
    {"ip.opt.type",           0, Show::dec,  N_("kind of an option")                     },
    {"ip.opt.len",            0, Show::dec,  N_("bytes of an option")                    },
    {"ip.opt.ptr",            0, Show::dec,  N_("where the next hop writes")             },
    {"ip.opt.ra",             0, Show::dec,  N_("0: every router looks at the packet")   },
    {"ip.rec_rt",             0, Show::ipv4, N_("router that was passed")                },
    {"ip.empty_rt",           0, Show::ipv4, N_("place for a router that will be passed")},
    {"ip.fragment",           0, Show::dec,  N_("packet that brought a fragment")        },
    {"ip.fragment.count",     0, Show::dec,  N_("fragments of the datagram")             },
    {"ip.reassembled_in",     0, Show::dec,  N_("packet in which the datagram is whole") },
    {"ip.reassembled.length", 0, Show::dec,  N_("bytes of the datagram put together")    },
});

// The option kinds that are read (IANA, IP Option Numbers).
enum class IpOption : u8 {
  end = 0,
  nop = 1,
  record_route = 7,
  mtu_probe = 11,
  mtu_reply = 12,
  quick_start = 25,
  timestamp = 68,
  traceroute = 82,
  security = 130,
  loose_route = 131,
  extended_security = 133,
  commercial_security = 134,
  stream = 136,
  strict_route = 137,
  router_alert = 148
};

constexpr bool ip_option_is_known(IpOption kind) {
  switch (kind) {
    case IpOption::end:
    case IpOption::nop:
    case IpOption::record_route:
    case IpOption::mtu_probe:
    case IpOption::mtu_reply:
    case IpOption::quick_start:
    case IpOption::timestamp:
    case IpOption::traceroute:
    case IpOption::security:
    case IpOption::loose_route:
    case IpOption::extended_security:
    case IpOption::commercial_security:
    case IpOption::stream:
    case IpOption::strict_route:
    case IpOption::router_alert:
      return true;
  }
  return false;
}

// The routers of a route option: those before the pointer were passed.
inline void walk_ip_route(Walk& walk, u32 at, u32 size, bool records) {
  const u32 next = walk.data[at + 2];
  walk.put(in(ip_found, "ip.opt.ptr"), at + 2, 1, next);
  for (u32 i = 3; i + 4 <= size; i += 4) {
    const bool passed = i + 1 < next;
    if (passed)
      walk.put(in(ip_found, "ip.rec_rt"), at + i, 4, walk.number(at + i, 4));
    else if (records)
      walk.put(in(ip_found, "ip.empty_rt"), at + i, 4, walk.number(at + i, 4));
  }
}

inline void walk_ip_options(Walk& walk, u32 end) {
  for (u32 at = 20; at < end;) {
    if (!walk.whole(at, 1)) return walk.cut();
    const auto kind = static_cast<IpOption>(walk.data[at]);
    if (kind == IpOption::end || kind == IpOption::nop) {
      walk.put(in(ip_found, "ip.opt.type"), at, 1, walk.data[at]);
      if (kind == IpOption::end) return;
      ++at;
      continue;
    }
    if (!walk.whole(at, 2)) return walk.cut();
    const u32 size = walk.data[at + 1];
    if (size < 2 || at + size > end) return walk.malformed(at);
    if (!walk.whole(at, size)) return walk.cut();
    if (ip_option_is_known(kind)) {
      walk.put(in(ip_found, "ip.opt.type"), at, 1, walk.data[at]);
      walk.put(in(ip_found, "ip.opt.len"), at + 1, 1, size);
      const bool route = kind == IpOption::record_route || kind == IpOption::loose_route ||
                         kind == IpOption::strict_route;
      if (route && size >= 3) walk_ip_route(walk, at, size, kind == IpOption::record_route);
      if (kind == IpOption::timestamp && size >= 3)
        walk.put(in(ip_found, "ip.opt.ptr"), at + 2, 1, walk.data[at + 2]);
      if (kind == IpOption::router_alert && size >= 4)
        walk.put(in(ip_found, "ip.opt.ra"), at + 2, 2, walk.number(at + 2, 2));
    }
    at += size;
  }
}

inline constexpr Alias ip_aliases[] = {
    {"ip.addr", "ip.src", "ip.dst"}
};

// Not IPv4, a header length that cannot be, or a total length that ends inside the header (0 is
// offload's).
constexpr bool ip_is_wrong(const u8* header) {
  const auto total = static_cast<unsigned>(header[2] << 8 | header[3]);
  return (static_cast<u8>(header[0] - 0x45) > 10) |
         (static_cast<u16>(total - 1) < (header[0] & 15U) * 4 - 1);
}
// A fragment, or wrong.
constexpr bool ip_is_odd(const u8* header) {
  return (((header[6] << 8 | header[7]) & 0x3fff) != 0) | ip_is_wrong(header);
}
// Without options, whole, and with a total length.
constexpr bool ip_is_usual(const u8* header) {
  const auto total = static_cast<unsigned>(header[2] << 8 | header[3]);
  return header[0] == 0x45 && ((header[6] << 8 | header[7]) & 0x3fff) == 0 && total >= 20;
}
constexpr bool ip_hides(const Field& field, const u8* header) {
  if (header[0] >> 4 != 4) return field.at >= 4;
  if ((header[0] & 15) < 5) return field.at >= 8;
  return ip_is_wrong(header) && field.at >= 32;
}

inline void walk_ip(Walk& walk) {
  if (walk.whole(0, 1) && walk.data[0] >> 4 == 6) {  // whatever the carrier said
    walk.header_length = 0;
    walk.space = Space::inside;
    walk.selector = 6;
    return;
  }
  if (walk.whole(0, 4) && ip_is_wrong(walk.data)) {
    walk.malformed(0);
    walk.has_payload = false;
    return;
  }
  if (walk.whole(10, 2)) walk.put(in(ip_found, "ip.checksum.status"), 10, 2, checksum_unverified);
  if (!walk.whole(0, 20)) return walk.cut();
  if (walk.header_length > 20) walk_ip_options(walk, walk.header_length);
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
                           .odd = ip_is_odd,
                           .usual = ip_is_usual,
                           .hides = ip_hides};

}  // namespace trama::wire
