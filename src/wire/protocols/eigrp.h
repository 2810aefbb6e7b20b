// Enhanced Interior Gateway Routing Protocol (RFC 7868): the header of its messages.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name eigrp_opcode_names[] = {
    {1,  "Update"        },
    {2,  "Request"       },
    {3,  "Query"         },
    {4,  "Reply"         },
    {5,  "Hello"         },
    {6,  "IPX SAP Update"},
    {7,  "Route Probe"   },
    {8,  "Hello (Ack)"   },
    {9,  "Stub-Info"     },
    {10, "SIA-Query"     },
    {11, "SIA-Reply"     }
};

inline constexpr auto eigrp_fields = lay_out<20>({
    {"eigrp.version",  8,  Show::dec,  N_("version of the protocol")           },
    named(eigrp_opcode_names, {"eigrp.opcode",   8,  Show::dec,  N_("kind of message")                   }
    ),
    {"eigrp.checksum", 16, Show::hex4, N_("checksum of the message")           },
    {"eigrp.flags",    32, Show::hex8, N_("the flags together")                },
    {"eigrp.seq",      32, Show::dec,  N_("number of the message")             },
    {"eigrp.ack",      32, Show::dec,  N_("number of the message that arrived")},
    {"eigrp.vrid",     16, Show::dec,  N_("number of the virtual router")      },
    {"eigrp.as",       16, Show::dec,  N_("autonomous system of the sender")   },
});

inline void walk_eigrp(Walk& walk) { walk.has_payload = false; }

inline constexpr Header eigrp{.word = "eigrp",
                              .name = "Enhanced Interior Gateway Routing Protocol",
                              .layer = 3,
                              .place = Place::transport,
                              .fields = eigrp_fields,
                              .walk = walk_eigrp,
                              .deep = Deep::always};

}  // namespace trama::wire
