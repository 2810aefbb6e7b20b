// Generic Routing Encapsulation (RFC 2784, 2890; version 1 is PPTP's, RFC 2637).
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto gre_fields = lay_out<4>({
    {"gre.flags.checksum",            1,  Show::flag, N_("a checksum follows")               },
    {"gre.flags.routing",             1,  Show::flag, N_("a route follows")                  },
    {"gre.flags.key",                 1,  Show::flag, N_("a key follows")                    },
    {"gre.flags.sequence_number",     1,  Show::flag, N_("a sequence number follows")        },
    {"gre.flags.strict_source_route", 1,  Show::flag, N_("the route is strict")              },
    {"gre.flags.recursion_control",   3,  Show::dec,  N_("how often it may be wrapped again")},
    {"gre.flags.ack",                 1,  Show::flag, N_("an acknowledgement follows")       },
    {"gre.flags.reserved",            4,  Show::dec,  N_("reserved")                         },
    {"gre.flags.version",             3,  Show::dec,  N_("0, or 1 for PPTP")                 },
    again({"gre.flags_and_version",         16, Show::hex4, N_("flags and version together")       }
    ),
    named(ethertype_names, {"gre.proto",                     16, Show::hex4, N_("what the payload is")              }
    ),
});

inline constexpr auto gre_found = std::to_array<Field>({
    {"gre.checksum",        0, Show::hex4, N_("of header and payload")             },
    {"gre.key",             0, Show::hex8, N_("which tunnel")                      },
    {"gre.sequence_number", 0, Show::dec,  N_("number of this packet")             },
    {"gre.ack_number",      0, Show::dec,  N_("number of the last packet received")},
});

inline constexpr u64 gre_erspan_bare = 0x188be;  // no sequence number, so no header inside

// A route of source entries, each with its own length; ends with one that is empty.
inline u32 gre_route_end(const Walk& walk, u32 at) {
  while (walk.whole(at, 4)) {
    const u32 size = walk.data[at + 3];
    const bool last = walk.number(at, 2) == 0 || size == 0;
    at += 4;
    if (last) break;
    at += size;
  }
  return at;
}

inline void walk_gre(Walk& walk) {
  if (!walk.whole(0, 4)) return;
  u32 at = 4;
  const bool checksum = (walk.data[0] & 0xc0) != 0;
  if (checksum) {
    put_number(walk, in(gre_found, "gre.checksum"), at, 2);
    at += 4;
  }
  const auto four = [&](bool there, const Field& field) {
    if (!there) return;
    put_number(walk, field, at, 4);
    at += 4;
  };
  four((walk.data[0] & 0x20) != 0, in(gre_found, "gre.key"));
  four((walk.data[0] & 0x10) != 0, in(gre_found, "gre.sequence_number"));
  four((walk.data[1] & 0x80) != 0, in(gre_found, "gre.ack_number"));
  if ((walk.data[0] & 0x40) != 0) at = gre_route_end(walk, at);
  walk.header_length = at;
  const u64 protocol = walk.number(2, 2);
  if (!walk.whole(0, at)) walk.cut();
  if (protocol == 0x88be && (walk.data[0] & 0x10) == 0) walk.selector = gre_erspan_bare;
  if (protocol == 0x883e && walk.whole(at, 1) && walk.data[at] >> 4 != 4)
    walk.header_length += 4;  // WCCP: where it does not start with IPv4, a redirect header does
  if (protocol == 0) walk.has_payload = false;  // keeps the tunnel alive
}

inline constexpr Header gre{.word = "gre",
                            .name = "Generic Routing Encapsulation",
                            .layer = 3,
                            .place = Place::transport,
                            .fields = gre_fields,
                            .found = gre_found,
                            .selector = "gre.proto",
                            .space = Space::gre_protocol,
                            .walk = walk_gre,
                            .deep = Deep::always};

}  // namespace trama::wire
