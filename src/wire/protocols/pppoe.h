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
  walk.space = Space::inside;
  walk.selector = 2;
}

inline constexpr auto pppoed_found = std::to_array<Field>({
    {"pppoed.tags",              0, Show::bytes, N_("what is asked for and offered")},
    {"pppoed.tags.service_name", 0, Show::text,  N_("name of the service")          },
    {"pppoed.tags.ac_name",      0, Show::text,  N_("name of the one that offers")  },
    {"pppoed.tags.host_uniq",    0, Show::bytes, N_("pairs question and answer")    },
});

inline void walk_pppoed(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 6)) return;
  const u32 told = 6 + static_cast<u32>(walk.number(4, 2));
  for (u32 at = 6; at + 4 <= told && walk.whole(at, 4);) {
    const u64 kind = walk.number(at, 2);
    const auto size = static_cast<u32>(walk.number(at + 2, 2));
    if (!walk.whole(at + 4, size)) return walk.cut();
    const auto text = [&](const Field& field) {
      walk.put_text(field, at + 4, size, {reinterpret_cast<const char*>(walk.data) + at + 4, size});
    };
    if (kind == 0) return;
    if (kind == 0x0101) text(in(pppoed_found, "pppoed.tags.service_name"));
    if (kind == 0x0102) text(in(pppoed_found, "pppoed.tags.ac_name"));
    if (kind == 0x0103) walk.put_bytes(in(pppoed_found, "pppoed.tags.host_uniq"), at + 4, size);
    at += 4 + size;
  }
}

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
                               .found = pppoed_found,
                               .walk = walk_pppoed,
                               .deep = Deep::always};

}  // namespace trama::wire
