// No link header at all: the first four bits say which IP follows, or PPP's two bytes stand there.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline void walk_raw(Walk& walk) {
  walk.header_length = 0;
  walk.space = Space::ip_version;
  if (!walk.whole(0, 2)) return walk.cut();
  walk.selector = walk.data[0] >> 4;
  if (walk.number(0, 2) != 0xff03) return;
  walk.space = Space::inside;
  walk.selector = 1;
}

inline constexpr Header raw{.word = "raw",
                            .name = "Raw packet data",
                            .layer = 2,
                            .place = Place::link,
                            .fields = {},
                            .walk = walk_raw,
                            .deep = Deep::always};

}  // namespace trama::wire
