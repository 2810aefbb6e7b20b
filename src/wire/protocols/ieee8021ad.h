// The outer tag of a provider's bridge (IEEE 802.1ad). Two of them in a row are read as one header
// with both numbers; the backbone's tag (802.1ah) behind it is skipped, as Wireshark does.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto ieee8021ad_fields = lay_out<2>({
    {"ieee8021ad.priority", 3,  Show::dec,  N_("priority, 7 highest") },
    {"ieee8021ad.dei",      1,  Show::flag, N_("may be dropped first")},
    {"",                    12, Show::dec,  ""                        },
});

inline constexpr auto ieee8021ad_found = std::to_array<Field>({
    {"ieee8021ad.id",   0, Show::dec, N_("number of the virtual network")           },
    {"ieee8021ad.svid", 0, Show::dec, N_("number of the provider's virtual network")},
    {"ieee8021ad.cvid", 0, Show::dec, N_("number of the customer's virtual network")},
});

inline void walk_ieee8021ad(Walk& walk) {
  walk.even_empty = true;
  if (!walk.whole(0, 4)) return walk.cut();
  const u64 id = walk.number(0, 2) & 0xfff;
  walk.selector = walk.number(2, 2);
  walk.header_length = 4;
  if (walk.selector == 0x88a8 && walk.whole(4, 4)) {
    walk.put(in(ieee8021ad_fields, "ieee8021ad.priority"), 4, 1, walk.data[4] >> 5);
    walk.put(in(ieee8021ad_fields, "ieee8021ad.dei"), 4, 1, walk.data[4] >> 4 & 1);
    walk.put(in(ieee8021ad_found, "ieee8021ad.svid"), 0, 2, id);
    walk.put(in(ieee8021ad_found, "ieee8021ad.cvid"), 4, 2, walk.number(4, 2) & 0xfff);
    walk.selector = walk.number(6, 2);
    walk.header_length = 8;
    return;
  }
  walk.put(in(ieee8021ad_found, "ieee8021ad.id"), 0, 2, id);
  if (walk.selector == 0x88e7 && walk.whole(4, 18)) {
    walk.selector = walk.number(20, 2);
    walk.header_length = 22;
  }
}

inline constexpr Header ieee8021ad{.word = "ieee8021ad",
                                   .name = "IEEE 802.1ad",
                                   .layer = 2,
                                   .place = Place::tag,
                                   .fields = ieee8021ad_fields,
                                   .found = ieee8021ad_found,
                                   .space = Space::ethertype,
                                   .walk = walk_ieee8021ad,
                                   .deep = Deep::always,
                                   .path = "ieee8021ad:ethertype"};

}  // namespace trama::wire
