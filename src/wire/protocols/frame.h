// What is known of a packet before its first byte is read: not a header, but asked for like one.
// All of Wireshark's words, also those that only its windows give a value.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto frame_found = std::to_array<Field>({
    {"frame.section_number",                           0, Show::dec,        N_("section of a pcapng file, from 1")                },
    {"frame.interface_id",                             0, Show::dec,        N_("number of the interface in its section, from 0")  },
    {"frame.interface_name",                           0, Show::text,       N_("name of the interface")                           },
    {"frame.interface_description",                    0, Show::text,       N_("description of the interface")                    },
    {"frame.interface_queue",                          0, Show::dec,
     N_("queue of the interface that the packet came through")                                                                    },
    {"frame.packet_flags",                             0, Show::hex8,       N_("what the capturing machine says of the packet")   },
    {"frame.packet_flags_direction",                   0, Show::hex8,       N_("1 inbound, 2 outbound")                           },
    {"frame.packet_flags_reception_type",              0, Show::dec,
     N_("1 unicast, 2 multicast, 3 broadcast, 4 promiscuous")                                                                     },
    {"frame.packet_flags_fcs_length",                  0, Show::dec,        N_("bytes of the frame check sequence")               },
    {"frame.packet_flags_reserved",                    0, Show::dec,        N_("reserved")                                        },
    {"frame.packet_flags_crc_error",                   0, Show::flag,       N_("the frame check sequence was wrong")              },
    {"frame.packet_flags_packet_too_error",            0, Show::flag,       N_("it was too long")                                 },
    {"frame.packet_flags_packet_too_short_error",      0, Show::flag,       N_("it was too short")                                },
    {"frame.packet_flags_wrong_inter_frame_gap_error", 0, Show::flag,
     N_("the gap before it was wrong")                                                                                            },
    {"frame.packet_flags_unaligned_frame_error",       0, Show::flag,
     N_("it did not end with a whole byte")                                                                                       },
    {"frame.packet_flags_start_frame_delimiter_error", 0, Show::flag,
     N_("its start delimiter was wrong")                                                                                          },
    {"frame.packet_flags_preamble_error",              0, Show::flag,       N_("its preamble was wrong")                          },
    {"frame.packet_flags_symbol_error",                0, Show::flag,       N_("it had a wrong symbol")                           },
    {"frame.packet_id",                                0, Show::dec,        N_("number that tells copies of one packet")          },
    {"frame.verdict",                                  0, Show::text,       N_("what was decided about the packet")               },
    {"frame.verdict.hw",                               0, Show::bytes,      N_("what the hardware decided")                       },
    {"frame.verdict.ebpf_tc",                          0, Show::signed_dec, N_("what a traffic control program decided")          },
    {"frame.verdict.ebpf_xdp",                         0, Show::signed_dec, N_("what an XDP program decided")                     },
    {"frame.verdict.unknown",                          0, Show::bytes,      N_("what somebody unknown decided")                   },
    {"frame.drop_count",                               0, Show::dec,        N_("packets lost between this one and the one before")},
    {"frame.cb_pen",                                   0, Show::dec,        N_("enterprise whose custom block it is")             },
    {"frame.cb_copy",                                  0, Show::flag,       N_("the custom block may be copied")                  },
    {"frame.encap_type",                               0, Show::dec,        N_("kind of link, as Wireshark numbers it")           },
    {"frame.time",                                     0, Show::moment,     N_("when it was captured")                            },
    {"frame.time_invalid",                             0, Show::mark,       N_("its fraction of a second is none")                },
    {"frame.offset_shift",                             0, Show::seconds,    N_("how far its time was moved")                      },
    {"frame.time_epoch",                               0, Show::seconds,    N_("seconds since 1970-01-01 UTC")                    },
    {"frame.time_delta",                               0, Show::seconds,    N_("since the packet before")                         },
    {"frame.time_delta_displayed",                     0, Show::seconds,    N_("since the packet shown before")                   },
    {"frame.time_relative",                            0, Show::seconds,    N_("since the capture's first packet")                },
    {"frame.ref_time",                                 0, Show::mark,       N_("times are told from this packet")                 },
    {"frame.number",                                   0, Show::dec,        N_("number in the capture, from 1")                   },
    {"frame.len",                                      0, Show::dec,        N_("bytes on the wire")                               },
    {"frame.cap_len",                                  0, Show::dec,        N_("bytes captured")                                  },
    {"frame.len_lt_caplen",                            0, Show::mark,       N_("more bytes captured than were on the wire")       },
    {"frame.md5_hash",                                 0, Show::text,       N_("MD5 of its bytes")                                },
    {"frame.p2p_dir",                                  0, Show::signed_dec, N_("0 sent, 1 received")                              },
    {"frame.link_nr",                                  0, Show::dec,        N_("number of the link")                              },
    {"frame.file_off",                                 0, Show::signed_dec, N_("where in the file it stands")                     },
    {"frame.marked",                                   0, Show::flag,       N_("somebody marked it")                              },
    {"frame.ignored",                                  0, Show::flag,       N_("somebody wants it ignored")                       },
    {"frame.incomplete",                               0, Show::mark,       N_("not all of it was read")                          },
    {"frame.coloring_rule.name",                       0, Show::text,       N_("name of the rule that colours it")                },
    {"frame.coloring_rule.string",                     0, Show::text,       N_("filter of the rule that colours it")              },
    {"frame.bblog",                                    0, Show::text,       N_("BSD black box log")                               },
    {"frame.bblog.ticks",                              0, Show::dec,        N_("ticks of a black box log")                        },
    {"frame.bblog.serial_nr",                          0, Show::dec,        N_("serial number in a black box log")                },
    {"frame.pcaplog.data_type",                        0, Show::dec,        N_("kind of data of a pcaplog block")                 },
    {"frame.pcaplog.data_length",                      0, Show::dec,        N_("bytes of data of a pcaplog block")                },
    {"frame.pcaplog.data",                             0, Show::bytes,      N_("data of a pcaplog block")                         },
    told({"frame.protocols",                                0, Show::text,       N_("the protocols inside, outermost first")           }
    ),
    {"frame.comment",                                  0, Show::text,       N_("comment that somebody left in the file")          },
    {"frame.comment.expert",                           0, Show::mark,       N_("somebody left a comment")                         },
});

inline constexpr Header frame{
    .word = "frame", .name = "Frame", .fields = {}, .found = frame_found, .deep = Deep::always};

}  // namespace trama::wire
