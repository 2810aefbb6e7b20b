// The options of neighbour discovery (RFC 4861 section 4.6, 3971, 4191, 8106): type, length in
// units of 8 bytes, contents.
#pragma once
#include "wire/icmpv6_found.h"

namespace trama::wire {

inline void walk_prefix_option(Walk& walk, u32 at) {
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.length"), at + 2, 1, walk.data[at + 2]);
  const unsigned flags = walk.data[at + 3];
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.flag"), at + 3, 1, flags);
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.flag.l"), at + 3, 1, flags >> 7);
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.flag.a"), at + 3, 1, flags >> 6 & 1);
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.valid_lifetime"), at + 4, 4, walk.number(at + 4, 4));
  walk.put(in(icmpv6_found, "icmpv6.opt.prefix.preferred_lifetime"), at + 8, 4,
           walk.number(at + 8, 4));
  walk.put_bytes(in(icmpv6_found, "icmpv6.opt.prefix"), at + 16, 16);
}

// All `size` bytes at `at` are at hand.
inline void walk_neighbour_option(Walk& walk, u32 at, u32 size) {
  switch (walk.data[at]) {
    case 1:
    case 2:
      if (size == 8) {
        const u64 address = walk.number(at + 2, 6);
        walk.put(in(icmpv6_found, "icmpv6.opt.linkaddr"), at + 2, 6, address);
        walk.put(walk.data[at] == 1 ? in(icmpv6_found, "icmpv6.opt.src_linkaddr")
                                    : in(icmpv6_found, "icmpv6.opt.target_linkaddr"),
                 at + 2, 6, address);
      }
      return;
    case 3:
      if (size >= 32) walk_prefix_option(walk, at);
      return;
    case 4:  // what was redirected stands inside
      walk.header_length = at + 8;
      if (at + size < walk.length) walk.length = at + size;
      walk.has_payload = true;
      walk.space = Space::icmpv6_error;
      walk.selector = 6;
      return;
    case 5:
      walk.put(in(icmpv6_found, "icmpv6.opt.mtu"), at + 4, 4, walk.number(at + 4, 4));
      return;
    case 14:
      walk.put_bytes(in(icmpv6_found, "icmpv6.opt.nonce"), at + 2, size - 2);
      return;
    case 24:
      walk.put(in(icmpv6_found, "icmpv6.opt.prefix.length"), at + 2, 1, walk.data[at + 2]);
      walk.put(in(icmpv6_found, "icmpv6.opt.route_info.flag"), at + 3, 1, walk.data[at + 3]);
      walk.put(in(icmpv6_found, "icmpv6.opt.route_lifetime"), at + 4, 4, walk.number(at + 4, 4));
      if (size >= 24) walk.put_bytes(in(icmpv6_found, "icmpv6.opt.prefix"), at + 8, 16);
      return;
    case 25:
      walk.put(in(icmpv6_found, "icmpv6.opt.rdnss.lifetime"), at + 4, 4, walk.number(at + 4, 4));
      for (u32 i = at + 8; i + 16 <= at + size; i += 16)
        walk.put_bytes(in(icmpv6_found, "icmpv6.opt.rdnss"), i, 16);
      return;
    case 31:
      walk.put(in(icmpv6_found, "icmpv6.opt.dnssl.lifetime"), at + 4, 4, walk.number(at + 4, 4));
      return;
    default:
      return;
  }
}

inline void walk_neighbour_options(Walk& walk, u32 at) {
  while (at < walk.length) {
    if (!walk.whole(at, 2)) return walk.cut();
    const u32 size = walk.data[at + 1] * 8U;
    walk.put(in(icmpv6_found, "icmpv6.opt.type"), at, 1, walk.data[at]);
    walk.put(in(icmpv6_found, "icmpv6.opt.length"), at + 1, 1, walk.data[at + 1]);
    if (size == 0) return walk.malformed(at);
    if (!walk.whole(at, size)) return walk.cut();
    walk_neighbour_option(walk, at, size);
    if (walk.has_payload) return;  // a quoted packet is the last that is read
    at += size;
  }
}

}  // namespace trama::wire
