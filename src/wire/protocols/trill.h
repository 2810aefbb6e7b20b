// Transparent Interconnection of Lots of Links (RFC 6325): an Ethernet frame with hops left.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto trill_fields = lay_out<6>({
    {"trill.version",      2,  Show::dec,  N_("version")                                   },
    {"trill.reserved",     2,  Show::dec,  N_("reserved")                                  },
    {"trill.multi_dst",    1,  Show::flag, N_("receiver is a group")                       },
    {"trill.op_len",       5,  Show::dec,  N_("length of the options, in units of 4 bytes")},
    {"trill.hop_cnt",      6,  Show::dec,  N_("hops left")                                 },
    {"trill.egress_nick",  16, Show::hex4, N_("where it leaves")                           },
    {"trill.ingress_nick", 16, Show::hex4, N_("where it entered")                          },
});

inline void walk_trill(Walk& walk) {
  if (!walk.whole(0, 6)) return;
  walk.header_length = 6 + static_cast<u32>(walk.number(0, 2) >> 6 & 31) * 4;
  walk.selector = 0;
}

inline constexpr Header trill{.word = "trill",
                              .name = "TRILL",
                              .layer = 2,
                              .place = Place::tag,
                              .fields = trill_fields,
                              .space = Space::inside,
                              .walk = walk_trill,
                              .deep = Deep::always};

}  // namespace trama::wire
