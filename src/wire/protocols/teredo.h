// Teredo (RFC 4380): IPv6 inside UDP, with what authenticates and where it came from before it.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto teredo_found = std::to_array<Field>({
    {"teredo.auth.id",    0, Show::bytes, N_("who authenticates")                  },
    {"teredo.auth.nonce", 0, Show::bytes, N_("what the answer must repeat")        },
    {"teredo.orig.port",  0, Show::dec,   N_("sender's port, seen from outside")   },
    {"teredo.orig.addr",  0, Show::ipv4,  N_("sender's address, seen from outside")},
});

inline void walk_teredo(Walk& walk) {
  u32 at = 0;
  walk.space = Space::inside;
  walk.selector = 6;
  while (walk.whole(at, 2)) {
    const u64 kind = walk.number(at, 2);
    if (kind == 1 && walk.whole(at, 4)) {
      const u32 id = walk.data[at + 2];
      const u32 proof = walk.data[at + 3];
      if (id > 0) put_piece(walk, in(teredo_found, "teredo.auth.id"), at + 4, id);
      put_piece(walk, in(teredo_found, "teredo.auth.nonce"), at + 4 + id + proof, 8);
      at += 13 + id + proof;
    } else if (kind == 0 && walk.whole(at, 8)) {
      walk.put(in(teredo_found, "teredo.orig.port"), at + 2, 2, walk.number(at + 2, 2) ^ 0xffff);
      walk.put(in(teredo_found, "teredo.orig.addr"), at + 4, 4,
               walk.number(at + 4, 4) ^ 0xffff'ffff);
      at += 8;
    } else {
      break;
    }
  }
  walk.header_length = at;
}

inline constexpr Header teredo{.word = "teredo",
                               .name = "Teredo IPv6 over UDP tunneling",
                               .layer = 3,
                               .place = Place::tag,
                               .fields = {},
                               .found = teredo_found,
                               .walk = walk_teredo,
                               .deep = Deep::always};

}  // namespace trama::wire
