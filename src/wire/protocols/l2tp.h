// Layer 2 Tunneling Protocol, version 2 (RFC 2661): PPP inside UDP. Control messages are named
// only.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto l2tp_fields = lay_out<2>({
    {"l2tp.type",       1, Show::dec,  N_("1 controls, 0 carries")    },
    {"l2tp.length_bit", 1, Show::flag, N_("a length follows")         },
    {"",                2, Show::dec,  ""                             },
    {"l2tp.seq_bit",    1, Show::flag, N_("a sequence number follows")},
    {"",                1, Show::dec,  ""                             },
    {"l2tp.offset_bit", 1, Show::flag, N_("padding follows")          },
    {"l2tp.priority",   1, Show::flag, N_("goes before others")       },
    {"",                4, Show::dec,  ""                             },
    {"l2tp.version",    4, Show::dec,  N_("version")                  },
});

inline constexpr auto l2tp_found = std::to_array<Field>({
    {"l2tp.length",  0, Show::dec, N_("bytes of header and payload")       },
    {"l2tp.tunnel",  0, Show::dec, N_("which tunnel")                      },
    {"l2tp.session", 0, Show::dec, N_("which session")                     },
    {"l2tp.Ns",      0, Show::dec, N_("number of this packet")             },
    {"l2tp.Nr",      0, Show::dec, N_("number of the last packet received")},
    {"l2tp.offset",  0, Show::dec, N_("bytes of padding")                  },
});

inline void walk_l2tp(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 2)) return;
  const u64 flags = walk.number(0, 2);
  if ((flags & 15) != 2) return;
  u32 at = 2;
  const auto next = [&](bool there, const Field& field) -> u32 {
    if (!there || !walk.whole(at, 2)) return 0;
    const auto value = static_cast<u32>(walk.number(at, 2));
    walk.put(field, at, 2, value);
    at += 2;
    return value;
  };
  const u32 told = next((flags & 0x4000) != 0, in(l2tp_found, "l2tp.length"));
  next(true, in(l2tp_found, "l2tp.tunnel"));
  next(true, in(l2tp_found, "l2tp.session"));
  next((flags & 0x0800) != 0, in(l2tp_found, "l2tp.Ns"));
  next((flags & 0x0800) != 0, in(l2tp_found, "l2tp.Nr"));
  if (told >= at && told < walk.length) walk.length = told;
  walk.has_payload = (flags & 0x8000) == 0;
  const u32 padded = next((flags & 0x0200) != 0, in(l2tp_found, "l2tp.offset"));
  walk.header_length = at + padded;
  walk.space = Space::inside;
  walk.selector = 1;
}

inline constexpr Header l2tp{.word = "l2tp",
                             .name = "Layer 2 Tunneling Protocol",
                             .layer = 2,
                             .place = Place::tag,
                             .fields = l2tp_fields,
                             .found = l2tp_found,
                             .walk = walk_l2tp,
                             .deep = Deep::always};

}  // namespace trama::wire
