// Generic Network Virtualization Encapsulation (RFC 8926): frames or packets inside UDP, with
// options.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto geneve_fields = lay_out<8>({
    {"geneve.version",        2,  Show::dec,  N_("version")                      },
    times(4, {"geneve.opt_len",        6,  Show::dec,  N_("bytes of the options")         }
    ),
    {"geneve.flags.oam",      1,  Show::flag, N_("for maintenance")              },
    {"geneve.flags.critical", 1,  Show::flag, N_("an option must be understood") },
    {"geneve.flags.reserved", 6,  Show::hex2, N_("reserved")                     },
    named(ethertype_names, {"geneve.proto_type",     16, Show::hex4, N_("what the payload is")          }
    ),
    {"geneve.vni",            24, Show::hex6, N_("number of the virtual network")},
    {"geneve.reserved",       8,  Show::hex2, N_("reserved")                     },
});

inline constexpr auto geneve_found = std::to_array<Field>({
    {"geneve.option.class",  0, Show::hex4,  N_("who defined the option")},
    {"geneve.option.type",   0, Show::hex2,  N_("kind of an option")     },
    {"geneve.option.length", 0, Show::dec,   N_("bytes of an option")    },
    {"geneve.option.data",   0, Show::bytes, N_("the option itself")     },
});

inline void walk_geneve(Walk& walk) {
  walk.even_empty = true;
  if (!walk.whole(0, 8)) return walk.cut();
  walk.header_length = 8 + (walk.data[0] & 63U) * 4;
  if (!walk.whole(0, walk.header_length)) return walk.cut();
  for (u32 at = 8; at + 4 <= walk.header_length;) {
    const u32 size = 4 + (walk.data[at + 3] & 31U) * 4;
    walk.put(in(geneve_found, "geneve.option.class"), at, 2, walk.number(at, 2));
    walk.put(in(geneve_found, "geneve.option.type"), at + 2, 1, walk.data[at + 2]);
    walk.put(in(geneve_found, "geneve.option.length"), at + 3, 1, size);
    if (at + size > walk.header_length) return walk.malformed(at);
    if (size > 4) walk.put_bytes(in(geneve_found, "geneve.option.data"), at + 4, size - 4);
    at += size;
  }
}

inline constexpr Header geneve{.word = "geneve",
                               .name = "Generic Network Virtualization Encapsulation",
                               .layer = 2,
                               .place = Place::tag,
                               .fields = geneve_fields,
                               .found = geneve_found,
                               .selector = "geneve.proto_type",
                               .space = Space::ethertype,
                               .walk = walk_geneve,
                               .deep = Deep::always};

}  // namespace trama::wire
