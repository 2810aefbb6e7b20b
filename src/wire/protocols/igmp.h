// Internet Group Management Protocol, versions 1 to 3 (RFC 1112, 2236, 3376).
#pragma once
#include "wire/checksum.h"
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto igmp_fields = lay_out<1>({
    {"igmp.type", 8, Show::hex2, N_("query, report or leave")},
});

inline constexpr auto igmp_found = std::to_array<Field>({
    {"igmp.version",         0, Show::dec,   N_("version")                                   },
    {"igmp.reserved",        0, Show::bytes, N_("reserved")                                  },
    {"igmp.max_resp",        0, Show::dec,   N_("how long to wait with the answer, in 0.1 s")},
    {"igmp.checksum",        0, Show::hex4,  N_("of the whole message")                      },
    {"igmp.checksum.status", 0, Show::dec,   N_("1 good, 0 bad, 2 not verified")             },
    {"igmp.maddr",           0, Show::ipv4,  N_("the group")                                 },
    {"igmp.s",               0, Show::flag,  N_("routers do not update their timers")        },
    {"igmp.qrv",             0, Show::dec,   N_("how often a message is repeated")           },
    {"igmp.qqic",            0, Show::dec,   N_("seconds between queries")                   },
    {"igmp.num_src",         0, Show::dec,   N_("how many senders are named")                },
    {"igmp.saddr",           0, Show::ipv4,  N_("sender that is wanted or not")              },
    {"igmp.num_grp_recs",    0, Show::dec,   N_("groups of the report")                      },
    {"igmp.record_type",     0, Show::dec,   N_("what is wanted of the group")               },
    {"igmp.aux_data_len",    0, Show::dec,   N_("length of more data, in units of 4 bytes")  },
    {"igmp.aux_data",        0, Show::bytes, N_("more data")                                 },
});

// RFC 3376 section 4.1.1: above 127 a number of 8 bits is a power of two times a mantissa.
constexpr u64 igmp_time(u8 code) {
  return code < 128 ? code : ((code & 15U) | 16U) << ((code >> 4 & 7U) + 3U);
}

inline void walk_igmp_sources(Walk& walk, u32 at, u64 count) {
  for (; count > 0; --count, at += 4) {
    if (!walk.whole(at, 4)) return walk.cut();
    walk.put(in(igmp_found, "igmp.saddr"), at, 4, walk.number(at, 4));
  }
}

inline void walk_igmp_checksum(Walk& walk) {
  if (!walk.whole(2, 2)) return walk.cut();
  walk.put(in(igmp_found, "igmp.checksum"), 2, 2, walk.number(2, 2));
  const bool known = walk.captured >= walk.length && walk.data[0] != 1;
  walk.put(in(igmp_found, "igmp.checksum.status"), 2, 2,
           !known                                                 ? checksum_unverified
           : checksum_is_right(sum_words(walk.data, walk.length)) ? checksum_good
                                                                  : checksum_bad);
}

inline void walk_igmp_report(Walk& walk) {  // version 3: lists group records
  put_piece(walk, in(igmp_found, "igmp.reserved"), 1, 1);
  walk_igmp_checksum(walk);
  put_piece(walk, in(igmp_found, "igmp.reserved"), 4, 2);
  if (!walk.whole(6, 2)) return walk.cut();
  u64 left = walk.number(6, 2);
  walk.put(in(igmp_found, "igmp.num_grp_recs"), 6, 2, left);
  for (u32 at = 8; left > 0; --left) {
    if (!walk.whole(at, 8)) return walk.cut();
    const u64 sources = walk.number(at + 2, 2);
    const u32 more = walk.data[at + 1] * 4U;
    walk.put(in(igmp_found, "igmp.record_type"), at, 1, walk.data[at]);
    walk.put(in(igmp_found, "igmp.aux_data_len"), at + 1, 1, walk.data[at + 1]);
    walk.put(in(igmp_found, "igmp.num_src"), at + 2, 2, sources);
    walk.put(in(igmp_found, "igmp.maddr"), at + 4, 4, walk.number(at + 4, 4));
    walk_igmp_sources(walk, at + 8, sources);
    at += 8 + static_cast<u32>(sources) * 4;
    if (more > 0) put_piece(walk, in(igmp_found, "igmp.aux_data"), at, more);
    at += more;
  }
}

inline void walk_igmp(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 1)) return;
  const u8 type = walk.data[0];
  const bool query = type == 0x11;
  const bool known = query || type == 0x12 || type == 0x16 || type == 0x17 || type == 0x22 ||
                     type == 0x1e || type == 0x1f;
  if (!known) return;
  walk.path = "igmp:igmp";
  if (!walk.whole(1, 1)) return walk.cut();
  const bool trace = type == 0x1e || type == 0x1f;
  const unsigned version = type == 0x22 || (query && walk.length >= 12)   ? 3
                           : type == 0x12 || (query && walk.data[1] == 0) ? 1
                                                                          : 2;
  if (!trace) walk.put(in(igmp_found, "igmp.version"), 0, 0, version);
  if (type == 0x22) return walk_igmp_report(walk);
  if (version == 1)
    walk.put_bytes(in(igmp_found, "igmp.reserved"), 1, 1);
  else if (!trace)
    walk.put(in(igmp_found, "igmp.max_resp"), 1, 1,
             version == 3 ? igmp_time(walk.data[1]) : walk.data[1]);
  walk_igmp_checksum(walk);
  if (!walk.whole(4, 4)) return walk.cut();
  walk.put(in(igmp_found, "igmp.maddr"), 4, 4, walk.number(4, 4));
  if (version != 3) return;
  if (!walk.whole(8, 4)) return walk.cut();
  walk.put(in(igmp_found, "igmp.s"), 8, 1, walk.data[8] >> 3 & 1);
  walk.put(in(igmp_found, "igmp.qrv"), 8, 1, walk.data[8] & 7);
  walk.put(in(igmp_found, "igmp.qqic"), 9, 1, igmp_time(walk.data[9]));
  const u64 sources = walk.number(10, 2);
  walk.put(in(igmp_found, "igmp.num_src"), 10, 2, sources);
  walk_igmp_sources(walk, 12, sources);
}

inline constexpr Header igmp{.word = "igmp",
                             .name = "Internet Group Management Protocol",
                             .layer = 3,
                             .place = Place::transport,
                             .fields = igmp_fields,
                             .found = igmp_found,
                             .walk = walk_igmp,
                             .deep = Deep::always};

}  // namespace trama::wire
