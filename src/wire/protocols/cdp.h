// Cisco's protocols of neighbours behind LLC and SNAP: CDP tells who stands at the other end, DTP
// whether a link carries several VLANs.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto cdp_fields = lay_out<4>({
    {"cdp.version",  8,  Show::dec,  N_("version of the protocol")},
    {"cdp.ttl",      8,  Show::dec,  N_("seconds that it holds")  },
    {"cdp.checksum", 16, Show::hex4, N_("checksum of the message")},
});

inline constexpr auto cdp_found = std::to_array<Field>({
    {"cdp.tlv.type",         0, Show::hex4, N_("kind of attribute")     },
    {"cdp.tlv.len",          0, Show::dec,  N_("bytes of the attribute")},
    {"cdp.deviceid",         0, Show::text, N_("name of the sender")    },
    {"cdp.portid",           0, Show::text, N_("the sender's port")     },
    {"cdp.software_version", 0, Show::text, N_("program that sent it")  },
    {"cdp.platform",         0, Show::text, N_("what the sender is")    },
});

inline void walk_cdp(Walk& walk) {
  walk.has_payload = false;
  for (u32 at = 4; at < walk.length;) {
    if (!walk.whole(at, 4)) return walk.cut();
    const u64 type = walk.number(at, 2);
    const auto size = static_cast<u32>(walk.number(at + 2, 2));
    walk.put(in(cdp_found, "cdp.tlv.type"), at, 2, type);
    walk.put(in(cdp_found, "cdp.tlv.len"), at + 2, 2, size);
    if (size < 4) return;
    if (!walk.whole(at, size)) return walk.cut();
    if (type == 1) walk.put_bytes(in(cdp_found, "cdp.deviceid"), at + 4, size - 4);
    if (type == 3) walk.put_bytes(in(cdp_found, "cdp.portid"), at + 4, size - 4);
    if (type == 5) walk.put_bytes(in(cdp_found, "cdp.software_version"), at + 4, size - 4);
    if (type == 6) walk.put_bytes(in(cdp_found, "cdp.platform"), at + 4, size - 4);
    at += size;
  }
}

inline constexpr Header cdp{.word = "cdp",
                            .name = "Cisco Discovery Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = cdp_fields,
                            .found = cdp_found,
                            .walk = walk_cdp,
                            .deep = Deep::always};

inline constexpr auto dtp_fields = lay_out<1>({
    {"dtp.version", 8, Show::dec, N_("version of the protocol")},
});

inline void walk_dtp(Walk& walk) { walk.has_payload = false; }

inline constexpr Header dtp{.word = "dtp",
                            .name = "Dynamic Trunk Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = dtp_fields,
                            .walk = walk_dtp,
                            .deep = Deep::always};

}  // namespace trama::wire
