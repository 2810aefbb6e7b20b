// Link Layer Discovery Protocol (IEEE 802.1AB): who stands at the other end of the cable.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name lldp_type_names[] = {
    {0,   "End of LLDPDU"        },
    {1,   "Chassis Id"           },
    {2,   "Port Id"              },
    {3,   "Time to Live"         },
    {4,   "Port Description"     },
    {5,   "System Name"          },
    {6,   "System Description"   },
    {7,   "System Capabilities"  },
    {8,   "Management Address"   },
    {127, "Organization Specific"}
};

// The first attribute's start: all that is always there.
inline constexpr auto lldp_fields = lay_out<2>({
    {"", 16, Show::hex4, N_("kind of attribute")},
});

inline constexpr auto lldp_found = std::to_array<Field>({
    named(lldp_type_names, {"lldp.tlv.type",        0, Show::dec,   N_("kind of attribute")                    }
     ),
    {"lldp.tlv.len",         0, Show::dec,   N_("bytes of the attribute")               },
    {"lldp.chassis.subtype", 0, Show::dec,   N_("how the sender is named")              },
    {"lldp.chassis.id",      0, Show::bytes, N_("name of the sender")                   },
    {"lldp.chassis.id.mac",  0, Show::ether, N_("hardware address of the sender")       },
    {"lldp.port.subtype",    0, Show::dec,   N_("how the port is named")                },
    {"lldp.port.id",         0, Show::text,  N_("the sender's port")                    },
    {"lldp.port.id.mac",     0, Show::ether, N_("hardware address of the sender's port")},
    {"lldp.time_to_live",    0, Show::dec,   N_("seconds that it holds")                },
    {"lldp.port.desc",       0, Show::text,  N_("the port in words")                    },
    {"lldp.tlv.system.name", 0, Show::text,  N_("name of the sender")                   },
    {"lldp.tlv.system.desc", 0, Show::text,  N_("what the sender is")                   },
});

inline void walk_lldp_value(Walk& walk, unsigned type, u32 at, u32 size) {
  const auto text = [&](const Field& field) { walk.put_bytes(field, at, size); };
  if (type == 3 && size >= 2)
    walk.put(in(lldp_found, "lldp.time_to_live"), at, 2, walk.number(at, 2));
  if (type == 4) text(in(lldp_found, "lldp.port.desc"));
  if (type == 5) text(in(lldp_found, "lldp.tlv.system.name"));
  if (type == 6) text(in(lldp_found, "lldp.tlv.system.desc"));
  if ((type != 1 && type != 2) || size < 2) return;
  const u8 kind = walk.data[at];
  const bool chassis = type == 1;
  walk.put(chassis ? in(lldp_found, "lldp.chassis.subtype") : in(lldp_found, "lldp.port.subtype"),
           at, 1, kind);
  if (kind == (chassis ? 4 : 3) && size == 7)
    walk.put(chassis ? in(lldp_found, "lldp.chassis.id.mac") : in(lldp_found, "lldp.port.id.mac"),
             at + 1, 6, walk.number(at + 1, 6));
  else
    walk.put_bytes(chassis ? in(lldp_found, "lldp.chassis.id") : in(lldp_found, "lldp.port.id"),
                   at + 1, size - 1);
}

inline void walk_lldp(Walk& walk) {
  walk.has_payload = false;
  for (u32 at = 0; at < walk.length;) {
    if (!walk.whole(at, 2)) return walk.cut();
    const unsigned type = walk.data[at] >> 1;
    const auto size = static_cast<u32>(walk.number(at, 2) & 0x1ff);
    walk.put(in(lldp_found, "lldp.tlv.type"), at, 2, type);
    walk.put(in(lldp_found, "lldp.tlv.len"), at, 2, size);
    at += 2;
    if (type == 0) return;
    if (!walk.whole(at, size)) return walk.cut();
    walk_lldp_value(walk, type, at, size);
    at += size;
  }
}

inline constexpr Header lldp{.word = "lldp",
                             .name = "Link Layer Discovery Protocol",
                             .layer = 2,
                             .place = Place::network,
                             .fields = lldp_fields,
                             .found = lldp_found,
                             .walk = walk_lldp,
                             .deep = Deep::always};

}  // namespace trama::wire
