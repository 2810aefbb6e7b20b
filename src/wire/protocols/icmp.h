// Internet Control Message Protocol (RFC 792, 950, 1256, 4884). An error quotes the packet that
// caused it.
#pragma once
#include "wire/checksum.h"
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name icmp_type_names[] = {
    {0,  "Echo (ping) reply"              },
    {1,  "Reserved"                       },
    {2,  "Reserved"                       },
    {3,  "Destination unreachable"        },
    {4,  "Source quench (flow control)"   },
    {5,  "Redirect"                       },
    {6,  "Alternate host address"         },
    {8,  "Echo (ping) request"            },
    {9,  "Router advertisement"           },
    {10, "Router solicitation"            },
    {11, "Time-to-live exceeded"          },
    {12, "Parameter problem"              },
    {13, "Timestamp request"              },
    {14, "Timestamp reply"                },
    {15, "Information request"            },
    {16, "Information reply"              },
    {17, "Address mask request"           },
    {18, "Address mask reply"             },
    {19, "Reserved (for security)"        },
    {30, "Traceroute"                     },
    {31, "Datagram Conversion Error"      },
    {32, "Mobile Host Redirect"           },
    {33, "IPv6 Where-Are-You"             },
    {34, "IPv6 I-Am-Here"                 },
    {35, "Mobile Registration Request"    },
    {36, "Mobile Registration Reply"      },
    {37, "Domain Name Request"            },
    {38, "Domain Name Reply"              },
    {39, "SKIP"                           },
    {40, "Photuris"                       },
    {41, "Experimental mobility protocols"},
    {42, "Extended Echo request"          },
    {43, "Extended Echo reply"            }
};

// Echo, timestamp, information and mask messages carry an identifier and a sequence number.
constexpr bool icmp_is_query(const u8* header) {
  return header[0] == 0 || header[0] == 8 || (header[0] >= 13 && header[0] <= 18);
}
constexpr bool icmp_has_ident(const u8* header) {
  return icmp_is_query(header) || header[0] == 42 || header[0] == 43;
}
constexpr bool icmp_is_echo(const u8* header) { return header[0] == 0 || header[0] == 8; }
constexpr bool icmp_is_too_big(const u8* header) { return header[0] == 3 && header[1] == 4; }
constexpr bool icmp_is_redirect(const u8* header) { return header[0] == 5; }
constexpr bool icmp_is_error(const u8* header) {
  return (header[0] >= 3 && header[0] <= 5) || header[0] == 11 || header[0] == 12;
}

inline constexpr auto icmp_fields = lay_out<8>({
    named(icmp_type_names,
          {"icmp.type",     8,  Show::dec,  N_("8 asks (ping), 0 answers, 3 unreachable, 11 expired")}
          ),
    {"icmp.code",     8,  Show::dec,  N_("which case of that type; 3/3 is port unreachable")   },
    {"icmp.checksum", 16, Show::hex4, N_("of the whole message")                               },
    only(icmp_has_ident, {"icmp.ident",    16, Show::dec,  N_("which program asks")                                 }
          ),
    only(icmp_is_query, {"icmp.seq",      16, Show::dec,  N_("which question this is")                             }
          ),
    only(icmp_is_too_big,
         again({"icmp.mtu",      16, Show::dec,  N_("largest packet that the next link takes")            }
          )),
    only(icmp_is_redirect, again({"icmp.redir_gw", 32, Show::ipv4, N_("the better router")                                  }
          )),
});

inline constexpr auto icmp_found = std::to_array<Field>({
    {"icmp.checksum.status",     0, Show::dec,        N_("1 good, 0 bad, 2 not verified")                     },
    {"icmp.seq_le",              0, Show::dec,        N_("the same number as a little-endian sender wrote it")},
    {"icmp.unused",              0, Show::bytes,      N_("reserved")                                          },
    {"icmp.length",              0, Show::dec,        N_("length of the quoted packet, in units of 4 bytes")  },
    {"icmp.pointer",             0, Show::dec,        N_("byte that is wrong")                                },
    {"icmp.originate_timestamp", 0, Show::dec,
     N_("when it was asked, milliseconds since midnight UTC")                                                 },
    {"icmp.receive_timestamp",   0, Show::dec,        N_("when the question came, the same way")              },
    {"icmp.transmit_timestamp",  0, Show::dec,        N_("when the answer left, the same way")                },
    {"icmp.address_mask",        0, Show::ipv4,       N_("the network's mask")                                },
    {"icmp.num_addrs",           0, Show::dec,        N_("routers that are named")                            },
    {"icmp.addr_entry_size",     0, Show::dec,        N_("length of an entry, in units of 4 bytes")           },
    {"icmp.lifetime",            0, Show::dec,        N_("seconds that this stays true")                      },
    {"icmp.router_address",      0, Show::ipv4,       N_("address of a router")                               },
    {"icmp.pref_level",          0, Show::signed_dec, N_("the higher the better")                             },
    late({"icmp.resp_to",             0, Show::dec,        N_("packet that asked")                                 }
    ),
    late({"icmp.resp_in",             0, Show::dec,        N_("packet that answers")                               }
    ),
    late({"icmp.resptime",            0, Show::decimal,    N_("from question to answer, in milliseconds")          }
    ),
});

// The second word of an error (RFC 792, 4884), and how much of the rest is the quoted packet.
inline void walk_icmp_error(Walk& walk) {
  const u8 type = walk.data[0];
  walk.selector = 4;  // the quoted packet is IPv4
  if (type == 4 || type == 5) return;
  const u32 quoted = walk.data[5];  // 0 where it is as long as it is
  if (type == 12) put_number(walk, in(icmp_found, "icmp.pointer"), 4, 1);
  if (quoted != 0) put_number(walk, in(icmp_found, "icmp.length"), 5, 1);
  if (icmp_is_too_big(walk.data)) {
    put_piece(walk, in(icmp_found, "icmp.unused"), 4, quoted != 0 ? 1 : 2);
  } else if (quoted != 0) {
    if (type != 12) put_piece(walk, in(icmp_found, "icmp.unused"), 4, 1);
    put_piece(walk, in(icmp_found, "icmp.unused"), 6, 2);
  } else {
    const u32 at = type == 12 ? 5 : 4;
    put_piece(walk, in(icmp_found, "icmp.unused"), at, 8 - at);
  }
  if (quoted >= 32 && 8 + quoted * 4 < walk.length) walk.length = 8 + quoted * 4;
}

inline void walk_icmp_routers(Walk& walk) {
  const u32 count = walk.data[4];
  const u32 size = walk.data[5] * 4U;
  walk.put(in(icmp_found, "icmp.num_addrs"), 4, 1, count);
  walk.put(in(icmp_found, "icmp.addr_entry_size"), 5, 1, walk.data[5]);
  walk.put(in(icmp_found, "icmp.lifetime"), 6, 2, walk.number(6, 2));
  for (u32 i = 0, at = 8; size >= 8 && i < count && walk.whole(at, 8); ++i, at += size) {
    walk.put(in(icmp_found, "icmp.router_address"), at, 4, walk.number(at, 4));
    walk.put(in(icmp_found, "icmp.pref_level"), at + 4, 4,
             static_cast<u64>(i64{static_cast<int>(walk.number(at + 4, 4))}));
  }
}

inline void walk_icmp(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 6)) return walk.cut();
  const bool known = walk.captured >= walk.length && !walk.quoted;
  walk.put(in(icmp_found, "icmp.checksum.status"), 2, 2,
           !known                                                 ? checksum_unverified
           : checksum_is_right(sum_words(walk.data, walk.length)) ? checksum_good
                                                                  : checksum_bad);
  if (!walk.whole(0, 8)) return walk.cut();
  walk.has_payload = icmp_is_echo(walk.data) || icmp_is_error(walk.data);
  if (icmp_is_query(walk.data)) {
    const auto sequence = static_cast<u16>(walk.number(6, 2));
    walk.put(in(icmp_found, "icmp.seq_le"), 6, 2, __builtin_bswap16(sequence));
  }
  switch (walk.data[0]) {
    case 9:
      return walk_icmp_routers(walk);
    case 13:
    case 14:
      put_number(walk, in(icmp_found, "icmp.originate_timestamp"), 8, 4);
      put_number(walk, in(icmp_found, "icmp.receive_timestamp"), 12, 4);
      put_number(walk, in(icmp_found, "icmp.transmit_timestamp"), 16, 4);
      return;
    case 17:
    case 18:
      return put_number(walk, in(icmp_found, "icmp.address_mask"), 8, 4);
    default:
      break;
  }
  if (!icmp_is_error(walk.data)) return;
  walk.space = Space::icmp_error;
  walk_icmp_error(walk);
}

inline constexpr Header icmp{.word = "icmp",
                             .name = "Internet Control Message Protocol",
                             .layer = 3,
                             .place = Place::transport,
                             .fields = icmp_fields,
                             .found = icmp_found,
                             .selector = "icmp.type",
                             .space = Space::icmp_error,
                             .walk = walk_icmp,
                             .deep = Deep::sometimes,
                             .odd = icmp_is_error,
                             .together_to = 6};

}  // namespace trama::wire
