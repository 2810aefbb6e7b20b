// Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL): what `-i any` used to give.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

constexpr bool sll_has_mac(const u8* header) { return header[4] == 0 && header[5] == 6; }
constexpr bool sll_is_type(const u8* header) { return header[14] >= 6; }
constexpr bool sll_is_kind(const u8* header) { return header[14] < 6; }

inline constexpr Name sll_pkttype_names[] = {
    {0, "Unicast to us"          },
    {1, "Broadcast"              },
    {2, "Multicast"              },
    {3, "Unicast to another host"},
    {4, "Sent by us"             }
};

inline constexpr auto sll_fields = lay_out<16>({
    named(sll_pkttype_names, {"sll.pkttype", 16, Show::dec,   N_("0 to us, 4 sent by us")                   }
     ),
    {"sll.hatype",  16, Show::dec,   N_("kind of device (ARPHRD)")                 },
    {"sll.halen",   16, Show::dec,   N_("bytes of the sender's address")           },
    only(sll_has_mac, {"sll.src.eth", 48, Show::ether, N_("sender's hardware address")               }
     ),
    {"",            16, Show::dec,   ""                                            },
    only(sll_is_type,
         named(ethertype_names, {"sll.etype",   16, Show::hex4,  N_("what the payload is")                     }
     )),
    only(sll_is_kind,
         again({"sll.ltype",   16, Show::hex4,  N_("what the payload is, as Linux numbers it")}
     )),
});

constexpr unsigned sll_hatype(const u8* header) {
  return static_cast<unsigned>(header[2] << 8 | header[3]);
}
// What stands behind it is not told by an EtherType.
constexpr bool sll_is_odd(const u8* header) {
  return header[14] < 6 || sll_hatype(header) == 778 || sll_hatype(header) == 824;
}

inline constexpr auto sll_found = std::to_array<Field>({
    {"sll.src.ipv4",  0, Show::ipv4,  N_("sender's IPv4 address")      },
    {"sll.src.other", 0, Show::bytes, N_("sender's hardware address")  },
    {"sll.unused",    0, Show::bytes, N_("bytes that no address needs")},
});

// The sender's address of `size` bytes in a place of 8, and what follows: both versions have it.
inline void walk_cooked(Walk& walk, u32 at, u32 size, u64 device, u64 protocol) {
  if (size > 8) size = 8;
  if (size == 4)
    put_number(walk, in(sll_found, "sll.src.ipv4"), at, 4);
  else if (size != 6 && size != 0)
    put_piece(walk, in(sll_found, "sll.src.other"), at, size);
  if (size < 8) put_piece(walk, in(sll_found, "sll.unused"), at + size, 8 - size);
  walk.even_empty = true;
  walk.selector = protocol;
  if (device == 824 || device == 778 || protocol < 0x600) walk.path = "sll";
  if (device == 824) {  // netlink
    walk.space = Space::none;
  } else if (device == 778) {  // GRE over IPv4
    walk.space = Space::gre_protocol;
  } else if (protocol == 4) {  // LINUX_SLL_P_802_2
    walk.space = Space::llc_sap;
    walk.selector = 0x100;
  } else if (protocol == 3 || protocol == 7) {  // LINUX_SLL_P_ETHERNET, _PPPHDLC
    walk.space = Space::inside;
    walk.selector = protocol == 3 ? 0 : 1;
  } else if (protocol < 0x600) {
    walk.space = Space::none;
  }
}

inline void walk_sll(Walk& walk) {
  if (!walk.whole(0, 16)) return;
  walk_cooked(walk, 6, static_cast<u32>(walk.number(4, 2)), walk.number(2, 2), walk.number(14, 2));
}

inline constexpr Header sll{.word = "sll",
                            .name = "Linux cooked capture v1",
                            .layer = 2,
                            .place = Place::link,
                            .fields = sll_fields,
                            .found = sll_found,
                            .selector = "sll.etype",
                            .space = Space::ethertype,
                            .walk = walk_sll,
                            .deep = Deep::sometimes,
                            .odd = sll_is_odd,
                            .path = "sll:ethertype"};

}  // namespace trama::wire
