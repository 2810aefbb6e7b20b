// Stream Control Transmission Protocol (RFC 9260): a common header, and chunks behind it. What DATA
// chunks carry is put together by the parse step.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto sctp_fields = lay_out<12>({
    {"sctp.srcport",          16, Show::dec,  N_("sender's port")                          },
    {"sctp.dstport",          16, Show::dec,  N_("receiver's port")                        },
    {"sctp.verification_tag", 32, Show::hex8, N_("the receiver's name for the association")},
    {"sctp.checksum",         32, Show::hex8, N_("CRC32c of the packet")                   },
});

inline constexpr Name sctp_chunk_names[] = {
    {0,   "DATA"             },
    {1,   "INIT"             },
    {2,   "INIT_ACK"         },
    {3,   "SACK"             },
    {4,   "HEARTBEAT"        },
    {5,   "HEARTBEAT_ACK"    },
    {6,   "ABORT"            },
    {7,   "SHUTDOWN"         },
    {8,   "SHUTDOWN_ACK"     },
    {9,   "ERROR"            },
    {10,  "COOKIE_ECHO"      },
    {11,  "COOKIE_ACK"       },
    {12,  "ECNE"             },
    {13,  "CWR"              },
    {14,  "SHUTDOWN_COMPLETE"},
    {15,  "AUTH"             },
    {64,  "I_DATA"           },
    {128, "ASCONF_ACK"       },
    {129, "PKTDROP"          },
    {130, "RE_CONFIG"        },
    {132, "PAD"              },
    {192, "FORWARD_TSN"      },
    {193, "ASCONF"           },
    {194, "I_FORWARD_TSN"    },
};

inline constexpr auto sctp_found = std::to_array<Field>({
    {"sctp.checksum.status",             0, Show::dec,  N_("1 good, 0 bad, 2 not verified, 3 there is none")},
    named(sctp_chunk_names, {"sctp.chunk_type",                  0, Show::dec,  N_("what the chunk is")                             }
    ),
    {"sctp.chunk_flags",                 0, Show::hex2, N_("flags of the chunk")                            },
    {"sctp.chunk_length",                0, Show::dec,  N_("bytes of the chunk, without what fills it up")  },
    {"sctp.data_b_bit",                  0, Show::flag, N_("a message begins")                              },
    {"sctp.data_e_bit",                  0, Show::flag, N_("a message ends")                                },
    {"sctp.data_u_bit",                  0, Show::flag, N_("delivered in any order")                        },
    {"sctp.data_tsn_raw",                0, Show::dec,  N_("number of the chunk")                           },
    {"sctp.data_sid",                    0, Show::hex4, N_("which stream of the association")               },
    {"sctp.data_ssn",                    0, Show::dec,  N_("number of the message in its stream")           },
    {"sctp.data_payload_proto_id",       0, Show::dec,  N_("what the payload is")                           },
    {"sctp.sack_cumulative_tsn_ack_raw", 0, Show::dec,  N_("all chunks up to this arrived")                 },
    {"sctp.sack_a_rwnd",                 0, Show::dec,  N_("bytes that may be sent")                        },
    {"sctp.initiate_tag",                0, Show::hex8, N_("the sender's name for the association")         },
});

inline constexpr Alias sctp_aliases[] = {
    {"sctp.port", "sctp.srcport", "sctp.dstport"}
};

// One chunk: what its type has to tell. `size` bytes from `at`, all at hand.
inline void walk_sctp_chunk(Walk& walk, u32 at, u32 size) {
  constexpr u8 data_chunk = 0, init = 1, init_ack = 2, sack = 3;
  const u8 type = walk.data[at];
  walk.put(in(sctp_found, "sctp.chunk_type"), at, 1, type);
  put_number(walk, in(sctp_found, "sctp.chunk_flags"), at + 1, 1);
  put_number(walk, in(sctp_found, "sctp.chunk_length"), at + 2, 2);
  if (type == data_chunk && size >= 16) {
    const u8 flags = walk.data[at + 1];
    walk.put(in(sctp_found, "sctp.data_u_bit"), at + 1, 1, flags >> 2 & 1U);
    walk.put(in(sctp_found, "sctp.data_b_bit"), at + 1, 1, flags >> 1 & 1U);
    walk.put(in(sctp_found, "sctp.data_e_bit"), at + 1, 1, flags & 1U);
    put_number(walk, in(sctp_found, "sctp.data_tsn_raw"), at + 4, 4);
    put_number(walk, in(sctp_found, "sctp.data_sid"), at + 8, 2);
    put_number(walk, in(sctp_found, "sctp.data_ssn"), at + 10, 2);
    put_number(walk, in(sctp_found, "sctp.data_payload_proto_id"), at + 12, 4);
  } else if ((type == init || type == init_ack) && size >= 8) {
    put_number(walk, in(sctp_found, "sctp.initiate_tag"), at + 4, 4);
  } else if (type == sack && size >= 12) {
    put_number(walk, in(sctp_found, "sctp.sack_cumulative_tsn_ack_raw"), at + 4, 4);
    put_number(walk, in(sctp_found, "sctp.sack_a_rwnd"), at + 8, 4);
  }
}

inline void walk_sctp(Walk& walk) {
  if (!walk.whole(0, 12)) return walk.cut();
  walk.put(in(sctp_found, "sctp.checksum.status"), 8, 4, 2);  // not verified
  for (u32 at = 12; walk.whole(at, 4);) {
    const auto size = static_cast<u32>(walk.number(at + 2, 2));
    if (size < 4) return walk.malformed(at);
    if (!walk.whole(at, size)) return walk.cut();
    walk_sctp_chunk(walk, at, size);
    at += (size + 3) & ~3U;  // chunks start at multiples of 4
  }
}

inline constexpr Header sctp{.word = "sctp",
                             .name = "Stream Control Transmission Protocol",
                             .layer = 4,
                             .place = Place::transport,
                             .fields = sctp_fields,
                             .found = sctp_found,
                             .aliases = sctp_aliases,
                             .walk = walk_sctp,
                             .deep = Deep::always};

}  // namespace trama::wire
