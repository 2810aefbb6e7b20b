// Ethernet (IEEE 802.3). Up to 1500 the last two bytes are a length and LLC follows.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

// 1501 to 1535 are neither a type nor a length; 0 is taken as a type that nobody has.
constexpr unsigned eth_number(const u8* header) {
  return static_cast<unsigned>(header[12] << 8 | header[13]);
}
constexpr bool eth_is_type(const u8* header) { return eth_number(header) - 1 >= 0x5ff; }
constexpr bool eth_is_length(const u8* header) { return eth_number(header) - 1 < 1500; }
constexpr bool eth_is_not_type(const u8* header) { return eth_number(header) - 1 < 0x5ff; }

inline constexpr Name ethertype_names[] = {
    {0x0800, "IPv4"                            },
    {0x0806, "ARP"                             },
    {0x86dd, "IPv6"                            },
    {0x8100, "802.1Q Virtual LAN"              },
    {0x88a8, "802.1ad Provider Bridge (Q-in-Q)"},
    {0x8847, "MPLS label switched packet"      },
    {0x8863, "PPPoE Discovery"                 },
    {0x8864, "PPPoE Session"                   }
};

inline constexpr Name address_scopes[] = {
    {0, "Globally unique address (factory default)"                     },
    {1, "Locally administered address (this is NOT the factory default)"},
};
inline constexpr Name address_kinds[] = {
    {0, "Individual address (unicast)"       },
    {1, "Group address (multicast/broadcast)"},
};

inline constexpr auto eth_fields = lay_out<14>({
    {"",           6,  Show::dec,   ""                                           },
    named(address_scopes,
          {"eth.dst.lg", 1,  Show::flag,  N_("receiver's address was assigned locally")}
    ),
    named(address_kinds, {"eth.dst.ig", 1,  Show::flag,  N_("receiver is a group")                    }
    ),
    {"",           40, Show::dec,   ""                                           },
    again({"eth.dst",    48, Show::ether, N_("receiver's hardware address")            }
    ),
    {"",           6,  Show::dec,   ""                                           },
    named(address_scopes,
          {"eth.src.lg", 1,  Show::flag,  N_("sender's address was assigned locally")  }
    ),
    named(address_kinds, {"eth.src.ig", 1,  Show::flag,  N_("sender is a group: never right")         }
    ),
    {"",           40, Show::dec,   ""                                           },
    again({"eth.src",    48, Show::ether, N_("sender's hardware address")              }
    ),
    only(eth_is_type,
         named(ethertype_names, {"eth.type",   16, Show::hex4,  N_("what the payload is")                    }
    )),
    only(eth_is_length, again({"eth.len",    16, Show::dec,   N_("bytes of payload")                       }
    )),
});

inline constexpr auto eth_found = std::to_array<Field>({
    {"eth.padding",    0, Show::bytes, N_("zeros that fill the frame up to its least length")},
    {"eth.trailer",    0, Show::bytes, N_("bytes behind the payload")                        },
    {"eth.fcs",        0, Show::hex8,  N_("frame check sequence")                            },
    {"eth.fcs.status", 0, Show::dec,   N_("2: the frame check sequence was not verified")    },
});

inline constexpr Alias eth_aliases[] = {
    {"eth.addr", "eth.dst",    "eth.src"   },
    {"eth.lg",   "eth.dst.lg", "eth.src.lg"},
    {"eth.ig",   "eth.dst.ig", "eth.src.ig"}
};

inline void walk_eth(Walk& walk) {
  if (!walk.whole(0, 14)) return walk.cut();
  walk.even_empty = true;
  if (eth_is_type(walk.data)) return;
  walk.path = "eth";
  walk.space = Space::none;
  if (!eth_is_length(walk.data)) return walk.malformed(12);
  walk.space = Space::llc_sap;
  const auto payload = static_cast<u32>(walk.number(12, 2));
  if (walk.length > 14 + payload) walk.length = 14 + payload;
  if (walk.whole(14, 2))
    walk.selector = walk.number(14, 2) == 0xffff ? 0xffff : 0x100;  // raw Novell IPX
}

inline constexpr Header eth{.word = "eth",
                            .name = "Ethernet",
                            .layer = 2,
                            .place = Place::link,
                            .fields = eth_fields,
                            .found = eth_found,
                            .aliases = eth_aliases,
                            .selector = "eth.type",
                            .space = Space::ethertype,
                            .walk = walk_eth,
                            .deep = Deep::sometimes,
                            .odd = eth_is_not_type,
                            .path = "eth:ethertype",
                            .together_to = 14};

}  // namespace trama::wire
