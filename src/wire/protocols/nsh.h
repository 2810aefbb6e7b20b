// Network Service Header (RFC 8300): which functions a packet still has to pass.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto nsh_fields = lay_out<8>({
    {"nsh.version",   2,  Show::dec,  N_("version")                           },
    {"nsh.Obit",      1,  Show::flag, N_("for maintenance")                   },
    {"nsh.CBit",      1,  Show::flag, N_("reserved")                          },
    {"nsh.ttl",       6,  Show::dec,  N_("hops left")                         },
    times(4, {"nsh.length",    6,  Show::dec,  N_("bytes of this header")              }
    ),
    {"nsh.mdtype",    8,  Show::dec,  N_("kind of context: 1 fixed, 2 a list")},
    {"nsh.nextproto", 8,  Show::dec,  N_("what follows")                      },
    {"nsh.spi",       24, Show::dec,  N_("which path")                        },
    {"nsh.si",        8,  Show::dec,  N_("place on the path")                 },
});

inline constexpr auto nsh_found = std::to_array<Field>({
    {"nsh.contextheader", 0, Show::bytes, N_("context")},
});

inline void walk_nsh(Walk& walk) {
  if (!walk.whole(0, 8)) return;
  if (walk.data[2] == 1) {
    for (u32 at = 8; at < 24; at += 4) put_piece(walk, in(nsh_found, "nsh.contextheader"), at, 4);
    walk.header_length = 24;
  } else {
    walk.header_length = (walk.data[1] & 63U) * 4;
    if (walk.header_length < 8) walk.header_length = 8;
  }
}

inline constexpr Header nsh{.word = "nsh",
                            .name = "Network Service Header",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = nsh_fields,
                            .found = nsh_found,
                            .selector = "nsh.nextproto",
                            .space = Space::next_protocol,
                            .walk = walk_nsh,
                            .deep = Deep::always};

}  // namespace trama::wire
