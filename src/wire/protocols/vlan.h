// A VLAN tag (IEEE 802.1Q); two of them are QinQ (802.1ad).
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

constexpr bool vlan_is_length(const u8* header) { return (header[2] << 8 | header[3]) <= 1500; }
constexpr bool vlan_is_type(const u8* header) { return !vlan_is_length(header); }

inline constexpr auto vlan_fields = lay_out<4>({
    {"vlan.priority", 3,  Show::dec,  N_("priority, 7 highest")          },
    {"vlan.dei",      1,  Show::flag, N_("may be dropped first")         },
    {"vlan.id",       12, Show::dec,  N_("number of the virtual network")},
    only(vlan_is_type,
         named(ethertype_names, {"vlan.etype",    16, Show::hex4, N_("what the payload is")          }
    )),
    only(vlan_is_length, again({"vlan.len",      16, Show::dec,  N_("bytes of payload")             }
    )),
});

inline constexpr auto vlan_found = std::to_array<Field>({
    {"vlan.trailer", 0, Show::bytes, N_("bytes behind the payload")},
});

inline void walk_vlan(Walk& walk) {
  walk.even_empty = true;
  if (!walk.whole(0, 4)) return walk.cut();
  if (vlan_is_type(walk.data)) return;
  walk.path = "vlan";
  walk.space = Space::llc_sap;
  const auto payload = static_cast<u32>(walk.number(2, 2));
  if (walk.length > 4 + payload) walk.length = 4 + payload;
  walk.selector = 0x100;
}

inline constexpr Header vlan{.word = "vlan",
                             .name = "802.1Q Virtual LAN",
                             .layer = 2,
                             .place = Place::tag,
                             .fields = vlan_fields,
                             .found = vlan_found,
                             .selector = "vlan.etype",
                             .space = Space::ethertype,
                             .walk = walk_vlan,
                             .deep = Deep::sometimes,
                             .odd = vlan_is_length,
                             .path = "vlan:ethertype"};

}  // namespace trama::wire
