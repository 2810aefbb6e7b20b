// Virtual eXtensible LAN (RFC 7348): Ethernet inside UDP; and its generic extension (draft-ietf-
// nvo3-vxlan-gpe), which says what is inside.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto vxlan_fields = lay_out<8>({
    {"vxlan.flags",     16, Show::hex4, N_("0x0800: the network number is valid")},
    {"vxlan.gbp",       16, Show::dec,  N_("group policy")                       },
    {"vxlan.vni",       24, Show::dec,  N_("number of the virtual network")      },
    {"vxlan.reserved8", 8,  Show::dec,  N_("reserved")                           },
});

inline void walk_vxlan(Walk& walk) {
  if (!walk.whole(0, 8)) return walk.cut();
  walk.even_empty = true;
  walk.space = Space::inside;
  walk.selector = 0;
}

inline constexpr Header vxlan{.word = "vxlan",
                              .name = "Virtual eXtensible Local Area Network",
                              .layer = 2,
                              .place = Place::tag,
                              .fields = vxlan_fields,
                              .walk = walk_vxlan,
                              .deep = Deep::always,
                              .together_to = 8};

inline constexpr auto vxlan_gpe_fields = lay_out<8>({
    {"vxlan.flags",         8,  Show::hex2, N_("the flags together")           },
    {"vxlan.reserved_16",   16, Show::hex4, N_("reserved")                     },
    {"vxlan.next_protocol", 8,  Show::dec,  N_("what follows")                 },
    {"vxlan.vni",           24, Show::dec,  N_("number of the virtual network")},
    {"vxlan.reserved8",     8,  Show::dec,  N_("reserved")                     },
});

// Wireshark's path of a packet does not name it.
inline void walk_vxlan_gpe(Walk& walk) { walk.path = {}; }

inline constexpr Header vxlan_gpe{.word = "vxlan",
                                  .name = "Virtual eXtensible Local Area Network",
                                  .layer = 2,
                                  .place = Place::tag,
                                  .fields = vxlan_gpe_fields,
                                  .selector = "vxlan.next_protocol",
                                  .space = Space::next_protocol,
                                  .walk = walk_vxlan_gpe,
                                  .deep = Deep::always};

}  // namespace trama::wire
