// Spanning Tree Protocol (IEEE 802.1D): which bridge is the root, and who forwards towards it.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto stp_fields = lay_out<4>({
    {"stp.protocol", 16, Show::hex4, N_("always 0")                                           },
    {"stp.version",  8,  Show::dec,  N_("0 STP, 2 rapid, 3 multiple")                         },
    {"stp.type",     8,  Show::hex2, N_("0 configuration, 2 rapid, 0x80 the topology changed")},
});

inline constexpr auto stp_found = std::to_array<Field>({
    {"stp.flags",       0, Show::hex2,  N_("the flags together")            },
    {"stp.root.prio",   0, Show::dec,   N_("priority of the root")          },
    {"stp.root.ext",    0, Show::dec,   N_("number of the tree")            },
    {"stp.root.hw",     0, Show::ether, N_("hardware address of the root")  },
    {"stp.root.cost",   0, Show::dec,   N_("how far the root is")           },
    {"stp.bridge.prio", 0, Show::dec,   N_("priority of the sender")        },
    {"stp.bridge.ext",  0, Show::dec,   N_("number of the tree")            },
    {"stp.bridge.hw",   0, Show::ether, N_("hardware address of the sender")},
    {"stp.port",        0, Show::hex4,  N_("the sender's port")             },
});

inline void walk_stp(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 4)) return;
  if (walk.data[3] != 0 && walk.data[3] != 2) return;
  if (!walk.whole(0, 27)) return walk.cut();
  const auto bridge = [&](u32 at, const Field& priority, const Field& tree, const Field& address) {
    walk.put(priority, at, 2, walk.number(at, 2) & 0xf000);
    walk.put(tree, at, 2, walk.number(at, 2) & 0xfff);
    walk.put(address, at + 2, 6, walk.number(at + 2, 6));
  };
  walk.put(in(stp_found, "stp.flags"), 4, 1, walk.data[4]);
  bridge(5, in(stp_found, "stp.root.prio"), in(stp_found, "stp.root.ext"),
         in(stp_found, "stp.root.hw"));
  walk.put(in(stp_found, "stp.root.cost"), 13, 4, walk.number(13, 4));
  bridge(17, in(stp_found, "stp.bridge.prio"), in(stp_found, "stp.bridge.ext"),
         in(stp_found, "stp.bridge.hw"));
  walk.put(in(stp_found, "stp.port"), 25, 2, walk.number(25, 2));
}

inline constexpr Header stp{.word = "stp",
                            .name = "Spanning Tree Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = stp_fields,
                            .found = stp_found,
                            .walk = walk_stp,
                            .deep = Deep::always};

}  // namespace trama::wire
