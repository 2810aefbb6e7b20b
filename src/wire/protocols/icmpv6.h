// ICMP for IPv6 (RFC 4443), multicast listeners (RFC 2710, 3810) and neighbour discovery (RFC 4861;
// its options are in neighbour_options.h).
#pragma once
#include "wire/checksum.h"
#include "wire/neighbour_options.h"

namespace trama::wire {

inline constexpr Name icmpv6_type_names[] = {
    {1,   "Destination Unreachable"                                },
    {2,   "Packet Too Big"                                         },
    {3,   "Time Exceeded"                                          },
    {4,   "Parameter Problem"                                      },
    {100, "Private experimentation"                                },
    {101, "Private experimentation"                                },
    {127, "Reserved for expansion of ICMPv6 error messages"        },
    {128, "Echo (ping) request"                                    },
    {129, "Echo (ping) reply"                                      },
    {130, "Multicast Listener Query"                               },
    {131, "Multicast Listener Report"                              },
    {132, "Multicast Listener Done"                                },
    {133, "Router Solicitation"                                    },
    {134, "Router Advertisement"                                   },
    {135, "Neighbor Solicitation"                                  },
    {136, "Neighbor Advertisement"                                 },
    {137, "Redirect"                                               },
    {138, "Router Renumbering"                                     },
    {139, "Node Information Query"                                 },
    {140, "Node Information Reply"                                 },
    {141, "Inverse Neighbor Discovery Solicitation"                },
    {142, "Inverse Neighbor Discovery Advertisement"               },
    {143, "Multicast Listener Report Message v2"                   },
    {144, "Home Agent Address Discovery Request"                   },
    {145, "Home Agent Address Discovery Reply"                     },
    {146, "Mobile Prefix Solicitation"                             },
    {147, "Mobile Prefix Advertisement"                            },
    {148, "Certification Path Solicitation"                        },
    {149, "Certification Path Advertisement"                       },
    {151, "Multicast Router Advertisement"                         },
    {152, "Multicast Router Solicitation"                          },
    {153, "Multicast Router Termination"                           },
    {154, "FMIPv6"                                                 },
    {155, "RPL Control"                                            },
    {200, "Private experimentation"                                },
    {201, "Private experimentation"                                },
    {255, "Reserved for expansion of ICMPv6 informational messages"}
};

inline constexpr auto icmpv6_fields = lay_out<4>({
    named(icmpv6_type_names,
          {"icmpv6.type",     8,  Show::dec,  N_("128 asks (ping), 129 answers, 1 unreachable")     }
          ),
    {"icmpv6.code",     8,  Show::dec,  N_("which case of that type; 1/4 is port unreachable")},
    {"icmpv6.checksum", 16, Show::hex4, N_("of the message and both addresses")               },
});

constexpr bool icmpv6_is_error(const u8* header) { return header[0] < 128; }

// The checksum covers the addresses, the length and the protocol too (RFC 8200 section 8.1).
inline void walk_icmpv6_checksum(Walk& walk) {
  ChecksumStatus status = checksum_unverified;
  if (walk.captured >= walk.length && !walk.quoted && walk.network_v6) {
    const u64 sum = sum_words(walk.network + 8, 32) + walk.length + 58;
    status =
        checksum_is_right(sum_words(walk.data, walk.length, sum)) ? checksum_good : checksum_bad;
  }
  walk.put(in(icmpv6_found, "icmpv6.checksum.status"), 2, 2, status);
}

inline void walk_mld_query(Walk& walk) {
  const bool second = walk.data[0] == 130 && walk.length >= 28;
  put_number(walk,
             second ? in(icmpv6_found, "icmpv6.mld.maximum_response_code")
                    : in(icmpv6_found, "icmpv6.mld.maximum_response_delay"),
             4, 2);
  put_piece(walk, in(icmpv6_found, "icmpv6.reserved"), 6, 2);
  put_piece(walk, in(icmpv6_found, "icmpv6.mld.multicast_address"), 8, 16);
  if (!walk.whole(0, second ? 28 : 24)) return walk.cut();
  if (!second) return;
  walk.put(in(icmpv6_found, "icmpv6.mld.flag.s"), 24, 1, walk.data[24] >> 3 & 1);
  walk.put(in(icmpv6_found, "icmpv6.mld.flag.qrv"), 24, 1, walk.data[24] & 7);
  walk.put(in(icmpv6_found, "icmpv6.mld.qqi"), 25, 1, walk.data[25]);
  u64 left = walk.number(26, 2);
  walk.put(in(icmpv6_found, "icmpv6.mld.nb_sources"), 26, 2, left);
  for (u32 at = 28; left > 0; --left, at += 16) {
    if (!walk.whole(at, 16)) return walk.cut();
    walk.put_bytes(in(icmpv6_found, "icmpv6.mld.source_address"), at, 16);
  }
}

inline void walk_mld_report(Walk& walk) {
  put_piece(walk, in(icmpv6_found, "icmpv6.reserved"), 4, 2);
  if (!walk.whole(6, 2)) return walk.cut();
  u64 left = walk.number(6, 2);
  walk.put(in(icmpv6_found, "icmpv6.mldr.nb_mcast_records"), 6, 2, left);
  for (u32 at = 8; left > 0; --left) {
    if (!walk.whole(at, 20)) return walk.cut();
    u64 sources = walk.number(at + 2, 2);
    const u32 more = walk.data[at + 1] * 4U;
    walk.put(in(icmpv6_found, "icmpv6.mldr.mar.record_type"), at, 1, walk.data[at]);
    walk.put(in(icmpv6_found, "icmpv6.mldr.mar.aux_data_len"), at + 1, 1, walk.data[at + 1]);
    walk.put(in(icmpv6_found, "icmpv6.mldr.mar.nb_sources"), at + 2, 2, sources);
    walk.put_bytes(in(icmpv6_found, "icmpv6.mldr.mar.multicast_address"), at + 4, 16);
    for (at += 20; sources > 0; --sources, at += 16) {
      if (!walk.whole(at, 16)) return walk.cut();
      walk.put_bytes(in(icmpv6_found, "icmpv6.mldr.mar.source_address"), at, 16);
    }
    at += more;
  }
}

inline void walk_router_advertisement(Walk& walk) {
  put_number(walk, in(icmpv6_found, "icmpv6.nd.ra.cur_hop_limit"), 4, 1);
  if (!walk.whole(5, 11)) return walk.cut();
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.flag"), 5, 1, walk.data[5]);
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.flag.m"), 5, 1, walk.data[5] >> 7);
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.flag.o"), 5, 1, walk.data[5] >> 6 & 1);
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.router_lifetime"), 6, 2, walk.number(6, 2));
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.reachable_time"), 8, 4, walk.number(8, 4));
  walk.put(in(icmpv6_found, "icmpv6.nd.ra.retrans_timer"), 12, 4, walk.number(12, 4));
  walk_neighbour_options(walk, 16);
}

inline void walk_neighbour_advertisement(Walk& walk) {
  if (!walk.whole(4, 4)) return walk.cut();
  walk.put(in(icmpv6_found, "icmpv6.nd.na.flag"), 4, 4, walk.number(4, 4));
  walk.put(in(icmpv6_found, "icmpv6.nd.na.flag.r"), 4, 1, walk.data[4] >> 7);
  walk.put(in(icmpv6_found, "icmpv6.nd.na.flag.s"), 4, 1, walk.data[4] >> 6 & 1);
  walk.put(in(icmpv6_found, "icmpv6.nd.na.flag.o"), 4, 1, walk.data[4] >> 5 & 1);
  if (!walk.whole(8, 16)) return walk.cut();
  walk.put_bytes(in(icmpv6_found, "icmpv6.nd.na.target_address"), 8, 16);
  walk_neighbour_options(walk, 24);
}

// Four reserved bytes, then an address of `field`, another of `second`, and the options.
inline void walk_neighbour(Walk& walk, const Field& field, const Field* second) {
  if (!walk.whole(4, 4)) return walk.cut();
  walk.put_bytes(in(icmpv6_found, "icmpv6.reserved"), 4, 4);
  if (!walk.whole(8, 16)) return walk.cut();
  walk.put_bytes(field, 8, 16);
  if (second == nullptr) return walk_neighbour_options(walk, 24);
  if (!walk.whole(24, 16)) return walk.cut();
  walk.put_bytes(*second, 24, 16);
  walk_neighbour_options(walk, 40);
}

inline void walk_icmpv6_body(Walk& walk) {
  switch (walk.data[0]) {
    case 128:
    case 129:
      put_number(walk, in(icmpv6_found, "icmpv6.echo.identifier"), 4, 2);
      put_number(walk, in(icmpv6_found, "icmpv6.echo.sequence_number"), 6, 2);
      if (!walk.whole(0, 8)) return walk.cut();
      walk.header_length = 8;
      walk.has_payload = true;
      return;
    case 1:
    case 2:
    case 3:
    case 4:
      if (!walk.whole(0, 8)) return walk.cut();
      if (walk.data[0] == 2)
        walk.put(in(icmpv6_found, "icmpv6.mtu"), 4, 4, walk.number(4, 4));
      else if (walk.data[0] == 4)
        walk.put(in(icmpv6_found, "icmpv6.pointer"), 4, 4, walk.number(4, 4));
      else
        walk.put_bytes(in(icmpv6_found, "icmpv6.reserved"), 4, 4);
      walk.header_length = 8;
      walk.has_payload = true;
      walk.space = Space::icmpv6_error;
      walk.selector = 6;
      return;
    case 130:
    case 131:
    case 132:
      return walk_mld_query(walk);
    case 143:
      return walk_mld_report(walk);
    case 133:
      if (!walk.whole(4, 4)) return walk.cut();
      walk.put_bytes(in(icmpv6_found, "icmpv6.reserved"), 4, 4);
      return walk_neighbour_options(walk, 8);
    case 134:
      return walk_router_advertisement(walk);
    case 135:
      return walk_neighbour(walk, in(icmpv6_found, "icmpv6.nd.ns.target_address"), nullptr);
    case 136:
      return walk_neighbour_advertisement(walk);
    case 137:
      return walk_neighbour(walk, in(icmpv6_found, "icmpv6.rd.na.target_address"),
                            &in(icmpv6_found, "icmpv6.rd.na.destination_address"));
    case 141:
    case 142:
      put_piece(walk, in(icmpv6_found, "icmpv6.reserved"), 4, 4);
      return walk_neighbour_options(walk, 8);
    default:
      return;
  }
}

inline void walk_icmpv6(Walk& walk) {
  walk.space = Space::none;
  walk.has_payload = false;
  if (!walk.whole(0, 4)) return walk.cut();
  walk_icmpv6_checksum(walk);
  walk_icmpv6_body(walk);
}

inline constexpr Header icmpv6{.word = "icmpv6",
                               .name = "Internet Control Message Protocol v6",
                               .layer = 3,
                               .place = Place::transport,
                               .fields = icmpv6_fields,
                               .found = icmpv6_found,
                               .selector = "icmpv6.type",
                               .space = Space::icmpv6_error,
                               .walk = walk_icmpv6,
                               .deep = Deep::sometimes,
                               .odd = icmpv6_is_error};

}  // namespace trama::wire
