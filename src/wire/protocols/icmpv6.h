// ICMP for IPv6 (RFC 4443) and neighbour discovery (RFC 4861).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name icmpv6_type_names[] = {
    {1,   "Destination Unreachable"             },
    {2,   "Packet Too Big"                      },
    {3,   "Time Exceeded"                       },
    {4,   "Parameter Problem"                   },
    {128, "Echo (ping) request"                 },
    {129, "Echo (ping) reply"                   },
    {130, "Multicast Listener Query"            },
    {131, "Multicast Listener Report"           },
    {132, "Multicast Listener Done"             },
    {133, "Router Solicitation"                 },
    {134, "Router Advertisement"                },
    {135, "Neighbor Solicitation"               },
    {136, "Neighbor Advertisement"              },
    {137, "Redirect"                            },
    {143, "Multicast Listener Report Message v2"}
};

inline constexpr auto icmpv6_fields = lay_out<4>({
    named(icmpv6_type_names,
          {"icmpv6.type",     8,  Show::dec,  N_("128 asks (ping), 129 answers, 1 unreachable")     }
          ),
    {"icmpv6.code",     8,  Show::dec,  N_("which case of that type; 1/4 is port unreachable")},
    {"icmpv6.checksum", 16, Show::hex4, N_("of the message and both addresses")               },
});

inline constexpr auto icmpv6_found = std::to_array<Field>({
    {"icmpv6.echo.identifier",      0, Show::hex4, N_("which program asks")                     },
    {"icmpv6.echo.sequence_number", 0, Show::dec,  N_("which question this is")                 },
    {"icmpv6.mtu",                  0, Show::dec,  N_("largest packet that the next link takes")},
    {"icmpv6.nd.ns.target_address", 0, Show::ipv6, N_("whose hardware address is wanted")       },
    {"icmpv6.nd.na.target_address", 0, Show::ipv6, N_("whose hardware address this is")         },
});

constexpr bool icmpv6_is_error(const u8* header) { return header[0] < 128; }

inline void walk_icmpv6(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 4)) return;
  switch (walk.data[0]) {
    case 128:
    case 129:
      put_number(walk, in(icmpv6_found, "icmpv6.echo.identifier"), 4, 2);
      put_number(walk, in(icmpv6_found, "icmpv6.echo.sequence_number"), 6, 2);
      walk.header_length = 8;
      break;
    case 135:
    case 136:
      if (walk.whole(8, 16))
        walk.put_bytes(walk.data[0] == 135 ? in(icmpv6_found, "icmpv6.nd.ns.target_address")
                                           : in(icmpv6_found, "icmpv6.nd.na.target_address"),
                       8, 16);
      walk.has_payload = false;
      break;
    case 2:
      put_number(walk, in(icmpv6_found, "icmpv6.mtu"), 4, 4);
      [[fallthrough]];
    case 1:
    case 3:
    case 4:
      walk.header_length = 8;
      walk.space = Space::icmpv6_error;
      walk.selector = 6;
      break;
    default:
      walk.has_payload = false;
  }
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
