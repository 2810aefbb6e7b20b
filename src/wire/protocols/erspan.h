// Encapsulated Remote SPAN: frames that a switch copies to a far observer, inside GRE
// (draft-foschiano-erspan). Type I has no header of its own.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto erspan_found = std::to_array<Field>({
    {"erspan.version",   0, Show::dec,  N_("1 is type II, 2 is type III")  },
    {"erspan.vlan",      0, Show::dec,  N_("number of the virtual network")},
    {"erspan.cos",       0, Show::dec,  N_("priority, 7 highest")          },
    {"erspan.truncated", 0, Show::flag, N_("the copy is not whole")        },
    {"erspan.spanid",    0, Show::dec,  N_("which observation")            },
    {"erspan.index",     0, Show::dec,  N_("which port")                   },
    {"erspan.timestamp", 0, Show::dec,  N_("when it was copied")           },
    {"erspan.sgt",       0, Show::dec,  N_("the sender's security group")  },
});

inline void walk_erspan(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 8)) return walk.cut();
  const unsigned version = walk.data[0] >> 4;
  const u64 word = walk.number(0, 4);
  walk.put(in(erspan_found, "erspan.version"), 0, 1, version);
  if (version != 1 && version != 2) {
    walk.has_payload = false;
    return;
  }
  walk.put(in(erspan_found, "erspan.vlan"), 0, 2, word >> 16 & 0xfff);
  walk.put(in(erspan_found, "erspan.cos"), 2, 1, word >> 13 & 7);
  walk.put(in(erspan_found, "erspan.truncated"), 2, 1, word >> 10 & 1);
  walk.put(in(erspan_found, "erspan.spanid"), 2, 2, word & 0x3ff);
  walk.header_length = 8;
  walk.space = Space::inside;
  walk.selector = 0;
  if (version == 1) {
    walk.put(in(erspan_found, "erspan.index"), 5, 3, walk.number(4, 4) & 0xfffff);
    return;
  }
  walk.header_length = 12;
  if (!walk.whole(0, 12)) return walk.cut();
  walk.put(in(erspan_found, "erspan.timestamp"), 4, 4, walk.number(4, 4));
  walk.put(in(erspan_found, "erspan.sgt"), 8, 2, walk.number(8, 2));
  if ((walk.data[11] & 1) != 0) walk.header_length = 20;         // the platform's own header
  if ((walk.data[10] >> 2 & 31) != 0) walk.space = Space::none;  // no Ethernet frame
}

inline constexpr Header erspan{.word = "erspan",
                               .name = "Encapsulated Remote Switch Packet ANalysis",
                               .layer = 2,
                               .place = Place::tag,
                               .fields = {},
                               .found = erspan_found,
                               .walk = walk_erspan,
                               .deep = Deep::always};

inline void walk_erspan_bare(Walk& walk) {
  walk.space = Space::inside;
  walk.selector = 0;
}

inline constexpr Header erspan_bare{.word = "erspan",
                                    .name = "Encapsulated Remote Switch Packet ANalysis Type I",
                                    .layer = 2,
                                    .place = Place::tag,
                                    .fields = {},
                                    .walk = walk_erspan_bare,
                                    .deep = Deep::always};

}  // namespace trama::wire
