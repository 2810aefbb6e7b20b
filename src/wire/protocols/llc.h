// Logical Link Control (IEEE 802.2) with the SNAP extension (RFC 1042).
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto llc_fields = lay_out<3>({
    {"llc.dsap",    8, Show::hex2, N_("service at the receiver")},
    {"llc.ssap",    8, Show::hex2, N_("service at the sender")  },
    {"llc.control", 8, Show::hex4, N_("kind of frame")          },
});

inline constexpr auto llc_found = std::to_array<Field>({
    {"llc.oui",  0, Show::dec,  N_("who assigned the type")                  },
    {"llc.type", 0, Show::hex4, N_("what the payload is")                    },
    {"llc.pid",  0, Show::hex4, N_("protocol, numbered by that organisation")},
});

inline void walk_llc(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 3)) return;
  if ((walk.data[2] & 3) != 3) walk.header_length = 4;  // numbered frames: two control bytes
  if (walk.data[0] == 0x42) {
    walk.space = Space::llc_sap;
    walk.selector = 0x42;
  }
  if (walk.data[0] != 0xaa || walk.data[1] != 0xaa || !walk.whole(3, 5)) return;
  const u64 organisation = walk.number(3, 3);
  walk.put(in(llc_found, "llc.oui"), 3, 3, organisation);
  const bool ethertype = organisation == 0 || organisation == 0x0000f8;
  walk.put(ethertype ? in(llc_found, "llc.type") : in(llc_found, "llc.pid"), 6, 2,
           walk.number(6, 2));
  walk.header_length = 8;
  if (!ethertype) return;
  walk.space = Space::ethertype;
  walk.selector = walk.number(6, 2);
}

inline constexpr Header llc{.word = "llc",
                            .name = "Logical-Link Control",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = llc_fields,
                            .found = llc_found,
                            .walk = walk_llc,
                            .deep = Deep::always};

}  // namespace trama::wire
