// Linux cooked capture, version 2 (LINKTYPE_LINUX_SLL2): with the interface's index. Its words are
// those of version 1, as in Wireshark.
#pragma once
#include "wire/protocols/sll.h"

namespace trama::wire {

constexpr bool sll2_has_mac(const u8* header) { return header[11] == 6; }
constexpr bool sll2_is_type(const u8* header) { return header[0] >= 6; }
constexpr bool sll2_is_kind(const u8* header) { return header[0] < 6; }

inline constexpr auto sll2_fields = lay_out<20>({
    only(sll2_is_type,
         named(ethertype_names, {"sll.etype",   16, Show::hex4,  N_("what the payload is")                     }
          )),
    only(sll2_is_kind,
         again({"sll.ltype",   16, Show::hex4,  N_("what the payload is, as Linux numbers it")}
          )),
    {"",            16, Show::dec,   ""                                            },
    {"sll.ifindex", 32, Show::dec,   N_("index of the interface")                  },
    {"sll.hatype",  16, Show::dec,   N_("kind of device (ARPHRD)")                 },
    named(sll_pkttype_names, {"sll.pkttype", 8,  Show::dec,   N_("0 to us, 4 sent by us")                   }
          ),
    {"sll.halen",   8,  Show::dec,   N_("bytes of the sender's address")           },
    only(sll2_has_mac, {"sll.src.eth", 48, Show::ether, N_("sender's hardware address")               }
          ),
    {"",            16, Show::dec,   ""                                            },
});

constexpr bool sll2_is_odd(const u8* header) {
  const int device = header[8] << 8 | header[9];
  return header[0] < 6 || device == 778 || device == 824;
}

inline void walk_sll2(Walk& walk) {
  if (!walk.whole(0, 20)) return;
  walk_cooked(walk, 12, walk.data[11], walk.number(8, 2), walk.number(0, 2));
}

inline constexpr Header sll2{.word = "sll",
                             .name = "Linux cooked capture v2",
                             .layer = 2,
                             .place = Place::link,
                             .fields = sll2_fields,
                             .found = sll_found,
                             .selector = "sll.etype",
                             .space = Space::ethertype,
                             .walk = walk_sll2,
                             .deep = Deep::sometimes,
                             .odd = sll2_is_odd,
                             .path = "sll:ethertype"};

}  // namespace trama::wire
