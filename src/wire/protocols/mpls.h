// Multiprotocol Label Switching (RFC 3032): a stack of labels, the last one marked. Nothing names
// what is behind it: its first bits tell, as Wireshark takes them.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto mpls_found = std::to_array<Field>({
    {"mpls.label",  0, Show::dec, N_("where routers switch it to")},
    {"mpls.exp",    0, Show::dec, N_("traffic class")             },
    {"mpls.bottom", 0, Show::dec, N_("last label of the stack")   },
    {"mpls.ttl",    0, Show::dec, N_("hops left")                 },
});

// Of Space::pseudowire: an associated channel (RFC 5586), and a guess.
inline constexpr u64 mpls_channel = 1, mpls_guess = 0;

inline void walk_mpls(Walk& walk) {
  walk.space = Space::none;
  walk.header_length = 0;
  for (u64 label = 0;;) {
    const u32 at = walk.header_length;
    if (!walk.whole(at, 4)) return walk.cut();
    const u64 word = walk.number(at, 4);
    label = word >> 12;
    walk.put(in(mpls_found, "mpls.label"), at, 3, label);
    walk.put(in(mpls_found, "mpls.exp"), at + 2, 1, word >> 9 & 7);
    walk.put(in(mpls_found, "mpls.bottom"), at + 2, 1, word >> 8 & 1);
    walk.put(in(mpls_found, "mpls.ttl"), at + 3, 1, word & 255);
    walk.header_length += 4;
    if (label == 14) {  // the alert for maintenance (ITU-T Y.1711): its own bytes follow
      walk.has_payload = false;
      return;
    }
    if ((word >> 8 & 1) == 0) continue;
    if (!walk.whole(walk.header_length, 1)) return walk.cut();
    const unsigned first = walk.data[walk.header_length] >> 4;
    if (label == 13 || first == 1) {
      walk.space = Space::pseudowire;
      walk.selector = mpls_channel;
    } else if (first == 4 || first == 6) {
      walk.space = Space::ip_version;
      walk.selector = first;
    } else if (first == 0) {
      walk.space = Space::pseudowire;
      walk.selector = mpls_guess;
    }
    return;
  }
}

inline constexpr Header mpls{.word = "mpls",
                             .name = "MultiProtocol Label Switching Header",
                             .layer = 2,
                             .place = Place::tag,
                             .fields = {},
                             .found = mpls_found,
                             .walk = walk_mpls,
                             .deep = Deep::always};

}  // namespace trama::wire
