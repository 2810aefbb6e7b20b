// Frame Relay (ITU-T Q.922), with multiprotocol encapsulation (RFC 2427) or Cisco's.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto fr_found = std::to_array<Field>({
    {"fr.dlci",     0, Show::dec,  N_("which virtual circuit")                  },
    {"fr.control",  0, Show::hex2, N_("kind of frame")                          },
    {"fr.nlpid",    0, Show::hex2, N_("what the payload is")                    },
    {"fr.snap.oui", 0, Show::dec,  N_("who assigned the type")                  },
    {"fr.snap.pid", 0, Show::hex4, N_("protocol, numbered by that organisation")},
    {"fr.snaptype", 0, Show::hex4, N_("what the payload is")                    },
});

inline void walk_fr_payload(Walk& walk, u32 at) {
  walk.header_length = at;
  if (!walk.whole(at, 2)) return;
  if (walk.data[at] != 3) {  // Cisco's: an EtherType follows
    walk.selector = walk.number(at, 2);
    walk.put(in(fr_found, "fr.snaptype"), at, 2, walk.selector);
    walk.space = Space::chdlc_protocol;
    walk.header_length = at + 2;
    return;
  }
  walk.put(in(fr_found, "fr.control"), at, 1, 3);
  ++at;
  if (walk.data[at] == 0) ++at;  // padding
  if (!walk.whole(at, 1)) return;
  const u8 kind = walk.data[at];
  walk.put(in(fr_found, "fr.nlpid"), at, 1, kind);
  walk.header_length = ++at;
  if (kind == 0xcc || kind == 0x8e) {
    walk.space = Space::ip_version;
    walk.selector = kind == 0xcc ? 4 : 6;
  } else if (kind == 0xcf) {
    walk.space = Space::inside;
    walk.selector = 1;
  } else if (kind == 0x80 && walk.whole(at, 5)) {
    const u64 organisation = walk.number(at, 3);
    const u64 type = walk.number(at + 3, 2);
    walk.put(in(fr_found, "fr.snap.oui"), at, 3, organisation);
    walk.header_length = at + 5;
    if (organisation == 0) {
      walk.put(in(fr_found, "fr.snaptype"), at + 3, 2, type);
      walk.space = Space::ethertype;
      walk.selector = type;
    } else {
      walk.put(in(fr_found, "fr.snap.pid"), at + 3, 2, type);
      if (organisation != 0x0080c2 || (type != 1 && type != 7)) return;
      walk.space = Space::inside;
      walk.selector = 0;
    }
  }
}

inline void walk_fr(Walk& walk) {
  walk.space = Space::none;
  u32 size = 0;
  while (size < 4 && walk.whole(size, 1) && (walk.data[size] & 1) == 0) ++size;
  if (!walk.whole(size, 1)) return walk.cut();
  ++size;
  if (size >= 2) {
    const u64 circuit = (walk.data[0] >> 2U) * 16U + (walk.data[1] >> 4U);
    if (size == 2) walk.put(in(fr_found, "fr.dlci"), 0, 2, circuit);
  }
  walk_fr_payload(walk, size);
}

inline constexpr Header fr{.word = "fr",
                           .name = "Frame Relay",
                           .layer = 2,
                           .place = Place::link,
                           .fields = {},
                           .found = fr_found,
                           .walk = walk_fr,
                           .deep = Deep::always};

}  // namespace trama::wire
