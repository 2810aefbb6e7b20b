// Virtual eXtensible LAN (RFC 7348): Ethernet inside UDP.
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
  walk.space = Space::udp_port;
  walk.selector = 0x10000;  // no port: a whole Ethernet frame
}

inline constexpr Header vxlan{.word = "vxlan",
                              .name = "Virtual eXtensible Local Area Network",
                              .layer = 2,
                              .place = Place::tag,
                              .fields = vxlan_fields,
                              .walk = walk_vxlan,
                              .deep = Deep::always};

}  // namespace trama::wire
