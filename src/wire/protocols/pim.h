// Protocol Independent Multicast (RFC 7761): which router wants packets of which group.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name pim_type_names[] = {
    {0,  "Hello"                     },
    {1,  "Register"                  },
    {2,  "Register-stop"             },
    {3,  "Join/Prune"                },
    {4,  "Bootstrap"                 },
    {5,  "Assert"                    },
    {6,  "Graft"                     },
    {7,  "Graft-Ack"                 },
    {8,  "Candidate-RP-Advertisement"},
    {9,  "State-Refresh"             },
    {10, "DF election"               },
    {11, "ECMP redirect"             },
    {12, "PFM source discovery"      }
};

inline constexpr auto pim_fields = lay_out<4>({
    {"pim.version", 4,  Show::dec,  N_("version of the protocol")},
    named(pim_type_names, {"pim.type",    4,  Show::dec,  N_("kind of message")        }
    ),
    {"",            8,  Show::dec,  N_("reserved")               },
    {"pim.cksum",   16, Show::hex4, N_("checksum of the message")},
});

inline void walk_pim(Walk& walk) { walk.has_payload = false; }

inline constexpr Header pim{.word = "pim",
                            .name = "Protocol Independent Multicast",
                            .layer = 3,
                            .place = Place::transport,
                            .fields = pim_fields,
                            .walk = walk_pim,
                            .deep = Deep::always};

}  // namespace trama::wire
