// Logical Link Control (IEEE 802.2) with the SNAP extension (RFC 1042). The control field has two
// bytes, the low one first, but for unnumbered frames.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto llc_fields = lay_out<2>({
    {"llc.dsap", 8, Show::hex2, N_("service at the receiver")},
    {"llc.ssap", 8, Show::hex2, N_("service at the sender")  },
});

inline constexpr auto llc_found = std::to_array<Field>({
    {"llc.control",   0, Show::hex4, N_("kind of frame")                          },
    {"llc.oui",       0, Show::dec,  N_("who assigned the type")                  },
    {"llc.type",      0, Show::hex4, N_("what the payload is")                    },
    {"llc.pid",       0, Show::hex4, N_("protocol, numbered by that organisation")},
    {"llc.cisco_pid", 0, Show::hex4, N_("protocol, numbered by Cisco")            },
});

inline constexpr u64 snap_cisco = 0x00000c;
inline constexpr u64 snap_bridged = 0x0080c2;  // IEEE 802.1: frames of other links

// Organisations whose numbers Wireshark reads with tables of their own.
constexpr bool snap_is_own(u64 organisation) {
  return organisation == snap_cisco || organisation == 0x080007 || organisation == 0x000081 ||
         organisation == 0x00e02b;
}

inline void walk_snap(Walk& walk) {
  if (!walk.whole(3, 5)) return walk.cut();
  const u64 organisation = walk.number(3, 3);
  const u64 type = walk.number(6, 2);
  walk.put(in(llc_found, "llc.oui"), 3, 3, organisation);
  walk.header_length = 8;
  if (organisation == 0 || organisation == 0x0000f8) {
    walk.put(in(llc_found, "llc.type"), 6, 2, type);
    walk.space = Space::ethertype;
    walk.selector = type;
    walk.even_empty = true;
    return;
  }
  if (organisation == snap_cisco)
    walk.put(in(llc_found, "llc.cisco_pid"), 6, 2, type);
  else if (!snap_is_own(organisation))
    walk.put(in(llc_found, "llc.pid"), 6, 2, type);
  if (organisation == snap_cisco) {
    walk.space = Space::cisco;
    walk.selector = type;
  }
  if (organisation == snap_cisco && type == 0x010b) {  // spanning tree, one for each VLAN
    walk.space = Space::llc_sap;
    walk.selector = 0x42;
  }
  if (organisation == snap_bridged && (type == 1 || type == 7)) {
    walk.space = Space::inside;
    walk.selector = 0;
    walk.header_length = 10;  // two bytes of padding
  }
}

inline void walk_llc(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 3)) return walk.cut();
  const bool unnumbered = (walk.data[2] & 3) == 3;
  walk.header_length = unnumbered ? 3 : 4;
  if (!unnumbered && !walk.whole(0, 4)) return walk.cut();
  walk.put(in(llc_found, "llc.control"), 2, unnumbered ? 1 : 2,
           unnumbered ? u64{walk.data[2]} : walk.data[2] + walk.data[3] * u64{256});
  if (walk.data[0] == 0xaa && walk.data[1] == 0xaa && walk.data[2] == 3) return walk_snap(walk);
  if (walk.data[2] != 3) {
    if ((walk.data[2] & 0xef) == 0xaf) walk.has_payload = false;  // XID
    return;
  }
  walk.space = Space::llc_sap;
  walk.selector = walk.data[0];
}

inline constexpr Header llc{.word = "llc",
                            .name = "Logical-Link Control",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = llc_fields,
                            .found = llc_found,
                            .walk = walk_llc,
                            .deep = Deep::always};

}  // namespace trama::wire
