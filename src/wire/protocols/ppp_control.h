// The protocols by which PPP's ends agree on a link (RFC 1661 section 5): all start alike.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name ppp_code_names[] = {
    {1,  "Configuration Request"},
    {2,  "Configuration Ack"    },
    {3,  "Configuration Nak"    },
    {4,  "Configuration Reject" },
    {5,  "Termination Request"  },
    {6,  "Termination Ack"      },
    {7,  "Code Reject"          },
    {8,  "Protocol Reject"      },
    {9,  "Echo Request"         },
    {10, "Echo Reply"           },
    {11, "Discard Request"      },
    {12, "Identification"       },
    {13, "Time Remaining"       }
};

inline constexpr auto ppp_control_fields = lay_out<4>({
    named(ppp_code_names, {"ppp.code",       8,  Show::dec, N_("kind of message")          }
     ),
    {"ppp.identifier", 8,  Show::dec, N_("pairs question and answer")},
    {"ppp.length",     16, Show::dec, N_("bytes of the message")     },
});

inline void walk_ppp_control(Walk& walk) { walk.has_payload = false; }

inline constexpr Header lcp{.word = "lcp",
                            .name = "PPP Link Control Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = ppp_control_fields,
                            .walk = walk_ppp_control,
                            .deep = Deep::always};
inline constexpr Header ipcp{.word = "ipcp",
                             .name = "PPP IP Control Protocol",
                             .layer = 2,
                             .place = Place::network,
                             .fields = ppp_control_fields,
                             .walk = walk_ppp_control,
                             .deep = Deep::always};
inline constexpr Header ipv6cp{.word = "ipv6cp",
                               .name = "PPP IPv6 Control Protocol",
                               .layer = 2,
                               .place = Place::network,
                               .fields = ppp_control_fields,
                               .walk = walk_ppp_control,
                               .deep = Deep::always};
inline constexpr Header ccp{.word = "ccp",
                            .name = "PPP Compression Control Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = ppp_control_fields,
                            .walk = walk_ppp_control,
                            .deep = Deep::always};

}  // namespace trama::wire
