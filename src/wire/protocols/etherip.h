// EtherIP (RFC 3378): Ethernet inside IP.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto etherip_fields = lay_out<2>({
    {"etherip.ver",      4,  Show::dec,  N_("always 3")},
    {"etherip.reserved", 12, Show::hex4, N_("reserved")},
});

inline void walk_etherip(Walk& walk) { walk.selector = 0; }

inline constexpr Header etherip{.word = "etherip",
                                .name = "Ethernet over IP",
                                .layer = 2,
                                .place = Place::tag,
                                .fields = etherip_fields,
                                .space = Space::inside,
                                .walk = walk_etherip,
                                .deep = Deep::always};

}  // namespace trama::wire
