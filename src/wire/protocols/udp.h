// User Datagram Protocol (RFC 768).
#pragma once
#include "wire/checksum.h"
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto udp_fields = lay_out<8>({
    {"udp.srcport",  16, Show::dec,  N_("sender's port")                            },
    {"udp.dstport",  16, Show::dec,  N_("receiver's port")                          },
    {"udp.length",   16, Show::dec,  N_("bytes of header and payload")              },
    {"udp.checksum", 16, Show::hex4, N_("of addresses, header and payload; 0: none")},
});

inline constexpr auto udp_found = std::to_array<Field>({
    {"udp.checksum.status", 0, Show::dec,     N_("1 good, 0 bad, 2 not verified, 3 there is none")},
    {"udp.payload",         0, Show::bytes,   N_("what the program sent")                         },
    late({"udp.stream",          0, Show::dec,     N_("number of the conversation, from 0")            }
    ),
    late({"udp.time_relative",   0, Show::seconds, N_("since the conversation's first packet")         }
    ),
    late({"udp.time_delta",      0, Show::seconds, N_("since the conversation's packet before")        }
    ),
});

inline constexpr Alias udp_aliases[] = {
    {"udp.port", "udp.srcport", "udp.dstport"}
};

// The ports whose payloads are headers of their own (carries.h); others are the parsers' matter.
inline constexpr u16 udp_tunnel_ports[] = {4789, 4790, 6081, 2152, 3544, 1701, 4341, 4754, 6635};

constexpr bool udp_is_tunnel_port(unsigned port) {
  for (const u16 known : udp_tunnel_ports)
    if (known == port) return true;
  return false;
}

// 1 where the port may be one, else 0: by its last ten bits, which tell most others apart with one
// look and no branch.
inline constexpr auto udp_tunnel_hints = [] {
  std::array<u8, 1024> hints{};
  for (const u16 port : udp_tunnel_ports) hints[port % hints.size()] = 1;
  return hints;
}();
constexpr unsigned udp_may_be_tunnel(unsigned port) {
  return udp_tunnel_hints[port % udp_tunnel_hints.size()];
}

constexpr bool udp_is_wrong(const u8* header) { return (header[4] << 8 | header[5]) < 8; }

constexpr bool udp_is_odd(const u8* header) {
  const auto from = static_cast<unsigned>(header[0] << 8 | header[1]);
  const auto to = static_cast<unsigned>(header[2] << 8 | header[3]);
  if ((udp_may_be_tunnel(from) | udp_may_be_tunnel(to)) != 0 &&
      (udp_is_tunnel_port(from) || udp_is_tunnel_port(to)))
    return true;
  return udp_is_wrong(header);
}

// A length of 1 to 7 cannot be; 0 is a jumbogram's (RFC 2675), which only IPv6 has.
constexpr bool udp_hides(const Field& field, const u8* header) {
  return header[4] == 0 && header[5] != 0 && header[5] < 8 && field.at >= 48;
}

// The tunnel that the lower of the ports names, else the higher one, unless the lower is a service
// that everybody knows. L2TP is told from its forerunner by its version.
inline void choose_tunnel(Walk& walk) {
  const u64 from = walk.number(0, 2);
  const u64 to = walk.number(2, 2);
  const auto low = static_cast<unsigned>(from < to ? from : to);
  const auto high = static_cast<unsigned>(from < to ? to : from);
  walk.space = Space::udp_port;
  if (udp_is_tunnel_port(low))
    walk.selector = low;
  else if (udp_is_tunnel_port(high) && low >= 1024)
    walk.selector = high;
  else
    walk.space = Space::none;
  if (walk.selector == 1701 && walk.whole(9, 1) && (walk.data[9] & 15) != 2 &&
      (walk.data[9] & 15) != 3)
    walk.space = Space::none;
}

inline void walk_udp(Walk& walk) {
  if (walk.whole(6, 2)) {
    const bool none = walk.number(6, 2) == 0;
    const bool wrong = udp_is_wrong(walk.data) && (walk.data[5] != 0 || !walk.network_v6);
    if (!wrong)
      walk.put(in(udp_found, "udp.checksum.status"), 6, 2,
               !none                             ? checksum_unverified
               : walk.network_v6 && !walk.quoted ? checksum_illegal
                                                 : checksum_not_present);
  }
  if (!walk.whole(0, 8)) return walk.cut();
  const auto told = static_cast<u32>(walk.number(4, 2));
  if (told < 8 && (told != 0 || !walk.network_v6)) {
    walk.malformed(4);
    walk.has_payload = false;
    return;
  }
  if (walk.payload_captured() > 0) {
    const u32 count = walk.payload_captured() < walk.payload_length() ? walk.payload_captured()
                                                                      : walk.payload_length();
    if (count > 0) walk.put_bytes(in(udp_found, "udp.payload"), 8, count);
  }
  if (told >= 8 && told < walk.length) walk.length = told;
  choose_tunnel(walk);
}

inline constexpr Header udp{.word = "udp",
                            .name = "User Datagram Protocol",
                            .layer = 4,
                            .place = Place::transport,
                            .fields = udp_fields,
                            .found = udp_found,
                            .aliases = udp_aliases,
                            .walk = walk_udp,
                            .deep = Deep::sometimes,
                            .odd = udp_is_odd,
                            .hides = udp_hides,
                            .together = {{{0, 4}}}};

}  // namespace trama::wire
