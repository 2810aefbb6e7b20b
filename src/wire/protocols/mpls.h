// Multiprotocol Label Switching (RFC 3032): a stack of labels, the last one marked.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto mpls_fields = lay_out<4>({
    {"mpls.label",  20, Show::dec, N_("where routers switch it to")},
    {"mpls.exp",    3,  Show::dec, N_("traffic class")             },
    {"mpls.bottom", 1,  Show::dec, N_("last label of the stack")   },
    {"mpls.ttl",    8,  Show::dec, N_("hops left")                 },
});

inline void walk_mpls(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 5)) return;
  if ((walk.data[2] & 1) == 0) {
    walk.space = Space::ethertype;
    walk.selector = 0x8847;
    return;
  }
  const unsigned version = walk.data[4] >> 4;  // nothing names the payload: its first bits tell
  if (version == 4 || version == 6) {
    walk.space = Space::ip_version;
    walk.selector = version;
  }
}

inline constexpr Header mpls{.word = "mpls",
                             .name = "MultiProtocol Label Switching Header",
                             .layer = 2,
                             .place = Place::tag,
                             .fields = mpls_fields,
                             .walk = walk_mpls,
                             .deep = Deep::always};

}  // namespace trama::wire
