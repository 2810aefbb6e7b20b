// Open Shortest Path First, versions 2 and 3 (RFC 2328, RFC 5340): routers tell each other whom
// they see. What their messages say beyond the header is not read.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name ospf_message_names[] = {
    {1, "Hello Packet"  },
    {2, "DB Description"},
    {3, "LS Request"    },
    {4, "LS Update"     },
    {5, "LS Acknowledge"}
};

inline constexpr auto ospf_fields = lay_out<14>({
    {"ospf.version",       8,  Show::dec,  N_("version of the protocol")},
    named(ospf_message_names, {"ospf.msg",           8,  Show::dec,  N_("kind of message")        }
    ),
    {"ospf.packet_length", 16, Show::dec,  N_("bytes of the message")   },
    {"ospf.srcrouter",     32, Show::ipv4, N_("router that sent it")    },
    {"ospf.area_id",       32, Show::ipv4, N_("part of the network")    },
    {"ospf.checksum",      16, Show::hex4, N_("checksum of the message")},
});

inline constexpr auto ospf_found = std::to_array<Field>({
    {"ospf.auth.type",   0, Show::dec, N_("how the message is proved")   },
    {"ospf.instance_id", 0, Show::dec, N_("which of several at one link")},
});

inline void walk_ospf(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 16)) return walk.cut();
  if (walk.data[0] == 2) walk.put(in(ospf_found, "ospf.auth.type"), 14, 2, walk.number(14, 2));
  if (walk.data[0] == 3) walk.put(in(ospf_found, "ospf.instance_id"), 14, 1, walk.data[14]);
}

inline constexpr Header ospf{.word = "ospf",
                             .name = "Open Shortest Path First",
                             .layer = 3,
                             .place = Place::transport,
                             .fields = ospf_fields,
                             .found = ospf_found,
                             .walk = walk_ospf,
                             .deep = Deep::always};

}  // namespace trama::wire
