// PPP over Ethernet (RFC 2516): discovery, and the session that carries PPP.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto pppoe_fields = lay_out<6>({
    {"pppoe.version",        4,  Show::dec,  N_("always 1")                                  },
    {"pppoe.type",           4,  Show::dec,  N_("always 1")                                  },
    {"pppoe.code",           8,  Show::hex2, N_("0 in a session; else the step of discovery")},
    {"pppoe.session_id",     16, Show::hex4, N_("which session")                             },
    {"pppoe.payload_length", 16, Show::dec,  N_("bytes behind this header")                  },
});

inline void walk_pppoe(Walk& walk) {
  if (!walk.whole(0, 6)) return;
  const auto payload = static_cast<u32>(walk.number(4, 2));
  if (6 + payload < walk.length) walk.length = 6 + payload;
  walk.space = Space::ppp_protocol;
  walk.selector = 0x10000;  // a whole PPP frame follows, not a protocol of PPP
}

inline void walk_pppoed(Walk& walk) { walk.has_payload = false; }

inline constexpr Header pppoes{.word = "pppoes",
                               .name = "PPP-over-Ethernet Session",
                               .layer = 2,
                               .place = Place::tag,
                               .fields = pppoe_fields,
                               .walk = walk_pppoe,
                               .deep = Deep::always};
inline constexpr Header pppoed{.word = "pppoed",
                               .name = "PPP-over-Ethernet Discovery",
                               .layer = 2,
                               .place = Place::tag,
                               .fields = pppoe_fields,
                               .walk = walk_pppoed,
                               .deep = Deep::always};

}  // namespace trama::wire
