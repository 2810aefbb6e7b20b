// Internet Control Message Protocol (RFC 792). An error quotes the packet that caused it.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name icmp_type_names[] = {
    {0,  "Echo (ping) reply"           },
    {3,  "Destination unreachable"     },
    {4,  "Source quench (flow control)"},
    {5,  "Redirect"                    },
    {8,  "Echo (ping) request"         },
    {9,  "Router advertisement"        },
    {10, "Router solicitation"         },
    {11, "Time-to-live exceeded"       },
    {12, "Parameter problem"           },
    {13, "Timestamp request"           },
    {14, "Timestamp reply"             },
    {17, "Address mask request"        },
    {18, "Address mask reply"          }
};

// Echo, timestamp, information and mask messages carry an identifier and a sequence number.
constexpr bool icmp_is_query(const u8* header) {
  return header[0] == 0 || header[0] == 8 || (header[0] >= 13 && header[0] <= 18);
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
    only(icmp_is_query, {"icmp.ident",    16, Show::dec,  N_("which program asks")                                 }
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
    {"icmp.seq_le", 0, Show::dec, N_("the same number as a little-endian sender wrote it")},
});

inline void walk_icmp(Walk& walk) {
  if (!walk.whole(0, 8)) return;
  if (icmp_is_echo(walk.data)) {
    const auto sequence = static_cast<u16>(walk.number(6, 2));
    walk.put(in(icmp_found, "icmp.seq_le"), 6, 2, __builtin_bswap16(sequence));
  }
  if (icmp_is_error(walk.data))
    walk.selector = 4;  // the quoted packet is IPv4
  else
    walk.space = Space::none;
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
                             .odd = icmp_is_error};

}  // namespace trama::wire
