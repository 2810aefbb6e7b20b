// Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2): with the interface's index. Its words are
// those of version 1, as in Wireshark.
#pragma once
#include "wire/protocols/sll.h"

namespace trama::wire {

constexpr bool sll2_has_mac(const u8* header) { return header[11] == 6; }

inline constexpr auto sll2_fields = lay_out<20>({
    named(ethertype_names, {"sll.etype",   16, Show::hex4,  N_("what the payload is")          }
     ),
    {"",            16, Show::dec,   ""                                 },
    {"sll.ifindex", 32, Show::dec,   N_("index of the interface")       },
    {"sll.hatype",  16, Show::dec,   N_("kind of device (ARPHRD)")      },
    named(sll_pkttype_names, {"sll.pkttype", 8,  Show::dec,   N_("0 to us, 4 sent by us")        }
     ),
    {"sll.halen",   8,  Show::dec,   N_("bytes of the sender's address")},
    only(sll2_has_mac, {"sll.src.eth", 48, Show::ether, N_("sender's hardware address")    }
     ),
    {"",            16, Show::dec,   ""                                 },
});

constexpr bool sll2_is_llc(const u8* header) { return header[0] == 0 && header[1] == 4; }

inline void walk_sll2(Walk& walk) {
  if (walk.whole(0, 2) && walk.number(0, 2) == 4) {
    walk.space = Space::llc_sap;
    walk.selector = 0;
  }
}

inline constexpr Header sll2{.word = "sll",
                             .name = "Linux cooked capture v2",
                             .layer = 2,
                             .place = Place::link,
                             .fields = sll2_fields,
                             .selector = "sll.etype",
                             .space = Space::ethertype,
                             .walk = walk_sll2,
                             .deep = Deep::sometimes,
                             .odd = sll2_is_llc,
                             .path = "sll:ethertype"};

}  // namespace trama::wire
