// Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL): what `-i any` used to give.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

constexpr bool sll_has_mac(const u8* header) { return header[4] == 0 && header[5] == 6; }

inline constexpr Name sll_pkttype_names[] = {
    {0, "Unicast to us"          },
    {1, "Broadcast"              },
    {2, "Multicast"              },
    {3, "Unicast to another host"},
    {4, "Sent by us"             }
};

inline constexpr auto sll_fields = lay_out<16>({
    named(sll_pkttype_names, {"sll.pkttype", 16, Show::dec,   N_("0 to us, 4 sent by us")        }
     ),
    {"sll.hatype",  16, Show::dec,   N_("kind of device (ARPHRD)")      },
    {"sll.halen",   16, Show::dec,   N_("bytes of the sender's address")},
    only(sll_has_mac, {"sll.src.eth", 48, Show::ether, N_("sender's hardware address")    }
     ),
    {"",            16, Show::dec,   ""                                 },
    named(ethertype_names, {"sll.etype",   16, Show::hex4,  N_("what the payload is")          }
     ),
});

constexpr bool sll_is_llc(const u8* header) { return header[14] == 0 && header[15] == 4; }

inline void walk_sll(Walk& walk) {
  if (walk.whole(14, 2) && walk.number(14, 2) == 4) {  // LINUX_SLL_P_802_2
    walk.space = Space::llc_sap;
    walk.selector = 0;
  }
}

inline constexpr Header sll{.word = "sll",
                            .name = "Linux cooked capture v1",
                            .layer = 2,
                            .place = Place::link,
                            .fields = sll_fields,
                            .selector = "sll.etype",
                            .space = Space::ethertype,
                            .walk = walk_sll,
                            .deep = Deep::sometimes,
                            .odd = sll_is_llc,
                            .path = "sll:ethertype"};

}  // namespace trama::wire
