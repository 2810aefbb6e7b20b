// Transmission Control Protocol (RFC 9293; window scale and timestamps RFC 7323, SACK RFC 2018,
// congestion marks RFC 3168). The words are Wireshark's; sequence numbers here are the raw ones,
// the relative ones come from the flow table.
#pragma once
#include "wire/checksum.h"
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto tcp_fields = lay_out<20>({
    {"tcp.srcport",           16, Show::dec,  N_("sender's port")                              },
    {"tcp.dstport",           16, Show::dec,  N_("receiver's port")                            },
    {"tcp.seq_raw",           32, Show::dec,  N_("number of the first payload byte")           },
    {"tcp.ack_raw",           32, Show::dec,  N_("next byte expected from the peer")           },
    times(4, {"tcp.hdr_len",           4,  Show::dec,  N_("bytes of this header, options included")     }
    ),
    {"tcp.flags.res",         3,  Show::flag, N_("reserved")                                   },
    {"tcp.flags.ae",          1,  Show::flag, N_("accurate congestion marks")                  },
    {"tcp.flags.cwr",         1,  Show::flag, N_("sender slowed down")                         },
    {"tcp.flags.ece",         1,  Show::flag, N_("congestion was seen")                        },
    {"tcp.flags.urg",         1,  Show::flag, N_("urgent pointer is valid")                    },
    {"tcp.flags.ack",         1,  Show::flag, N_("acknowledgement number is valid")            },
    {"tcp.flags.push",        1,  Show::flag, N_("deliver to the program now")                 },
    {"tcp.flags.reset",       1,  Show::flag, N_("refused or aborted")                         },
    {"tcp.flags.syn",         1,  Show::flag, N_("opens the connection; counts as one byte")   },
    {"tcp.flags.fin",         1,  Show::flag, N_("sender has no more data; counts as one byte")},
    again({"tcp.flags",             12, Show::hex4, N_("the flags together")                         }
    ),
    {"tcp.window_size_value", 16, Show::dec,
     N_("bytes that the sender can receive, before scaling")                                   },
    {"tcp.checksum",          16, Show::hex4, N_("of addresses, header and payload")           },
    {"tcp.urgent_pointer",    16, Show::dec,  N_("where urgent data ends")                     },
});

inline constexpr auto tcp_found = std::to_array<Field>({
    {"tcp.flags.str",                        0, Show::text,       N_("the flags as letters")                       },
    {"tcp.len",                              0, Show::dec,        N_("bytes of payload")                           },
    late({"tcp.stream",                           0, Show::dec,        N_("number of the conversation, from 0")         }
    ),
    late({"tcp.seq",                              0, Show::dec,
     N_("number of the first payload byte, counted from the connection's start")                                   }
    ),
    late({"tcp.nxtseq",                           0, Show::dec,        N_("number of the byte behind this payload")     }
    ),
    late({"tcp.ack",                              0, Show::dec,
     N_("next byte expected from the peer, counted from the connection's start")                                   }
    ),
    late({"tcp.window_size",                      0, Show::dec,        N_("bytes that the sender can receive")          }
    ),
    late({"tcp.window_size_scalefactor",          0, Show::signed_dec,
     N_("what the window is multiplied with; -1 unknown, -2 none")                                                 }
    ),
    late({"tcp.time_relative",                    0, Show::seconds,    N_("since the conversation's first packet")      }
    ),
    late({"tcp.time_delta",                       0, Show::seconds,    N_("since the conversation's packet before")     }
    ),
    late({"tcp.completeness",                     0, Show::dec,
     N_("what of a whole connection was captured before this packet")                                              }
    ),
    late({"tcp.analysis.flags",                   0, Show::mark,       N_("the analysis found something")               }
    ),
    late({"tcp.analysis.retransmission",          0, Show::mark,       N_("these bytes were sent before")               }
    ),
    late({"tcp.analysis.fast_retransmission",     0, Show::mark,
     N_("sent again because of duplicate acknowledgements")                                                        }
    ),
    late({"tcp.analysis.spurious_retransmission", 0, Show::mark,
     N_("sent again although it was acknowledged")                                                                 }
    ),
    late({"tcp.analysis.out_of_order",            0, Show::mark,       N_("a later packet overtook it")                 }
    ),
    late(
        {"tcp.analysis.reused_ports",            0, Show::mark,       N_("the same ports again: a new connection")     }
    ),
    late({"tcp.analysis.lost_segment",            0, Show::mark,       N_("bytes before it were not captured")          }
    ),
    late({"tcp.analysis.ack_lost_segment",        0, Show::mark,
     N_("acknowledges bytes that were not captured")                                                               }
    ),
    late({"tcp.analysis.window_update",           0, Show::mark,       N_("only tells a new window")                    }
    ),
    late({"tcp.analysis.window_full",             0, Show::mark,       N_("fills the peer's window")                    }
    ),
    late({"tcp.analysis.keep_alive",              0, Show::mark,       N_("asks whether the peer still lives")          }
    ),
    late({"tcp.analysis.keep_alive_ack",          0, Show::mark,       N_("answers such a question")                    }
    ),
    late({"tcp.analysis.duplicate_ack",           0, Show::mark,       N_("acknowledges the same again")                }
    ),
    late({"tcp.analysis.duplicate_ack_num",       0, Show::dec,
     N_("how often it was acknowledged again")                                                                     }
    ),
    late({"tcp.analysis.duplicate_ack_frame",     0, Show::dec,
     N_("packet that acknowledged it first")                                                                       }
    ),
    late({"tcp.analysis.zero_window",             0, Show::mark,       N_("the sender cannot receive now")              }
    ),
    late({"tcp.analysis.zero_window_probe",       0, Show::mark,
     N_("asks whether the peer can receive again")                                                                 }
    ),
    late({"tcp.analysis.zero_window_probe_ack",   0, Show::mark,       N_("answers: it cannot yet")                     }
    ),
    late({"tcp.analysis.initial_rtt",             0, Show::seconds,    N_("round trip of the handshake")                }
    ),
    late(
        {"tcp.analysis.ack_rtt",                 0, Show::seconds,    N_("from the packet acknowledged to this one")   }
    ),
    late({"tcp.analysis.acks_frame",              0, Show::dec,        N_("packet that this one acknowledges")          }
    ),
    late({"tcp.analysis.rto",                     0, Show::seconds,
     N_("how long the sender waited before it sent again")                                                         }
    ),
    late({"tcp.analysis.rto_frame",               0, Show::dec,        N_("packet whose loss it waited for")            }
    ),
    late({"tcp.analysis.bytes_in_flight",         0, Show::dec,        N_("bytes sent and not acknowledged yet")        }
    ),
    late({"tcp.analysis.push_bytes_sent",         0, Show::dec,        N_("bytes sent since the last PSH")              }
    ),
    late({"trama.verdict",                        0, Show::text,
     N_("what caused it, judged from evidence (trama's own word)")                                                 }
    ),
    late({"trama.verdict.frame",                  0, Show::dec,        N_("packet that proves the verdict")             }
    ),
    {"tcp.options",                          0, Show::bytes,      N_("all options")                                },
    {"tcp.option_kind",                      0, Show::dec,        N_("kind of an option")                          },
    {"tcp.option_len",                       0, Show::dec,        N_("bytes of an option")                         },
    {"tcp.options.mss_val",                  0, Show::dec,        N_("largest segment that the sender takes")      },
    {"tcp.options.wscale.shift",             0, Show::dec,
     N_("window scale: the window is shifted left by this")                                                        },
    {"tcp.options.wscale.multiplier",        0, Show::dec,        N_("window scale as a factor")                   },
    {"tcp.options.sack_perm",                0, Show::bytes,      N_("selective acknowledgements are understood")  },
    {"tcp.options.sack",                     0, Show::bytes,      N_("selective acknowledgement")                  },
    late({"tcp.options.sack_le",                  0, Show::dec,        N_("first byte of a block received out of order")}
    ),
    late({"tcp.options.sack_re",                  0, Show::dec,        N_("byte behind that block")                     }
    ),
    {"tcp.options.sack.count",               0, Show::dec,        N_("blocks received out of order")               },
    {"tcp.options.timestamp.tsval",          0, Show::dec,        N_("sender's clock")                             },
    {"tcp.options.timestamp.tsecr",          0, Show::dec,        N_("peer's clock, echoed")                       },
    {"tcp.checksum.status",                  0, Show::dec,        N_("1 good, 0 bad, 2 not verified")              },
    {"tcp.payload",                          0, Show::bytes,      N_("what the program sent")                      },
    told({"tcp.segment_data",                     0, Show::bytes,      N_("a part of a message that spans segments")    }
    ),
    told({"tcp.segment",                          0, Show::dec,        N_("packet that brought a part of the message")  }
    ),
    told({"tcp.segment.count",                    0, Show::dec,        N_("packets that brought the message")           }
    ),
    told({"tcp.reassembled.length",               0, Show::dec,        N_("bytes of the message put together")          }
    ),
    told({"tcp.reassembled_in",                   0, Show::dec,        N_("packet in which the message is whole")       }
    ),
});

inline constexpr Alias tcp_aliases[] = {
    {"tcp.port", "tcp.srcport", "tcp.dstport"}
};

// The option kinds that are read further (IANA, TCP Option Kind Numbers).
enum class TcpOption : u8 {
  end = 0,
  nop = 1,
  mss = 2,
  window_scale = 3,
  sack_permitted = 4,
  sack = 5,
  timestamps = 8
};

// Every whole option of a header whose bytes are at hand up to `end`, without those that only fill
// up: see(kind, at, size). Stops where one breaks the rules.
template <class See>
void each_tcp_option(const u8* header, u32 end, See&& see) {
  for (u32 at = 20; at < end;) {
    const auto kind = static_cast<TcpOption>(header[at]);
    if (kind == TcpOption::end) return;
    if (kind == TcpOption::nop) {
      ++at;
      continue;
    }
    if (at + 1 >= end || header[at + 1] < 2 || at + header[at + 1] > end) return;
    see(kind, at, u32{header[at + 1]});
    at += header[at + 1];
  }
}

inline void walk_tcp_options(Walk& walk, u32 end) {
  bool ended = false;  // zeros behind the end are listed too
  for (u32 at = 20; at < end;) {
    if (!walk.whole(at, 1)) return walk.cut();
    const auto kind = static_cast<TcpOption>(walk.data[at]);
    if (kind == TcpOption::end || kind == TcpOption::nop) {
      if (ended && kind == TcpOption::nop) return;
      walk.put(in(tcp_found, "tcp.option_kind"), at, 1, walk.data[at]);
      ended = ended || kind == TcpOption::end;
      ++at;
      continue;
    }
    if (ended || at + 1 >= end) return;
    if (!walk.whole(at, 2)) return walk.cut();
    const u32 size = walk.data[at + 1];
    if (size < 2 || at + size > end) return walk.malformed(at);
    walk.put(in(tcp_found, "tcp.option_kind"), at, 1, walk.data[at]);
    walk.put(in(tcp_found, "tcp.option_len"), at + 1, 1, size);
    if (!walk.whole(at, size)) return walk.cut();
    switch (kind) {
      case TcpOption::mss:
        if (size == 4)
          walk.put(in(tcp_found, "tcp.options.mss_val"), at + 2, 2, walk.number(at + 2, 2));
        break;
      case TcpOption::window_scale:
        if (size == 3) {
          const unsigned shift = walk.data[at + 2];
          walk.put(in(tcp_found, "tcp.options.wscale.shift"), at + 2, 1, shift);
          walk.put(in(tcp_found, "tcp.options.wscale.multiplier"), at + 2, 1,
                   u64{1} << (shift > 14 ? 14U : shift));  // RFC 7323 section 2.3
        }
        break;
      case TcpOption::sack_permitted:
        walk.put_bytes(in(tcp_found, "tcp.options.sack_perm"), at, size);
        break;
      case TcpOption::sack:
        walk.put_bytes(in(tcp_found, "tcp.options.sack"), at, size);
        for (u32 block = at + 2; block + 8 <= at + size; block += 8) {
          walk.put(in(tcp_found, "tcp.options.sack_le"), block, 4, walk.number(block, 4));
          walk.put(in(tcp_found, "tcp.options.sack_re"), block + 4, 4, walk.number(block + 4, 4));
        }
        walk.put(in(tcp_found, "tcp.options.sack.count"), at, size, (size - 2) / 8);
        break;
      case TcpOption::timestamps:
        if (size == 10) {
          walk.put(in(tcp_found, "tcp.options.timestamp.tsval"), at + 2, 4, walk.number(at + 2, 4));
          walk.put(in(tcp_found, "tcp.options.timestamp.tsecr"), at + 6, 4, walk.number(at + 6, 4));
        }
        break;
      default:
        break;
    }
    at += size;
  }
}

constexpr bool tcp_is_short(const u8* header) { return header[12] < 0x50; }
// Of such a header only ports, sequence number and length are shown.
constexpr bool tcp_hides(const Field& field, const u8* header) {
  return tcp_is_short(header) && (field.at >= 100 || field.byte() == 8);
}

inline void walk_tcp(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 16)) return walk.cut();
  if (walk.header_length < 20) {
    walk.malformed(12);
    if (walk.header_length <= walk.length)
      walk.put(in(tcp_found, "tcp.len"), 12, 1, walk.payload_length());
    walk.has_payload = false;
    return;
  }
  char letters[12 * 2 + 1];  // "··········S·": a letter, or a middle dot of two bytes
  std::size_t used = 0;
  for (unsigned bit = 0; bit < 12; ++bit) {
    constexpr std::string_view names = "RRRACEUAPRSF";
    if ((walk.number(12, 2) >> (11 - bit) & 1) != 0) {
      letters[used++] = names[bit];
    } else {
      letters[used++] = '\xc2';
      letters[used++] = '\xb7';
    }
  }
  walk.put_text(in(tcp_found, "tcp.flags.str"), 12, 2, {letters, used});
  if (walk.whole(16, 2)) walk.put(in(tcp_found, "tcp.checksum.status"), 16, 2, checksum_unverified);
  if (!walk.whole(0, 20)) return walk.cut();
  // How long a quoted payload was is not told: most quotes end early.
  if (walk.header_length <= walk.length && !walk.quoted)
    walk.put(in(tcp_found, "tcp.len"), 12, 1, walk.payload_length());
  const u32 end = walk.header_length < walk.captured ? walk.header_length : walk.captured;
  if (end > 20) {
    walk.put_bytes(in(tcp_found, "tcp.options"), 20, end - 20);
    walk_tcp_options(walk, walk.header_length);
  }
  if (walk.header_length > walk.captured) return walk.cut();
  const u32 at_hand = walk.payload_captured();
  const u32 count = at_hand < walk.payload_length() ? at_hand : walk.payload_length();
  if (count > 0) walk.put_bytes(in(tcp_found, "tcp.payload"), walk.header_length, count);
}

inline constexpr Header tcp{.word = "tcp",
                            .name = "Transmission Control Protocol",
                            .layer = 4,
                            .place = Place::transport,
                            .fields = tcp_fields,
                            .found = tcp_found,
                            .aliases = tcp_aliases,
                            .length = "tcp.hdr_len",
                            .walk = walk_tcp,
                            .deep = Deep::sometimes,
                            .odd = tcp_is_short,
                            .hides = tcp_hides,
                            .together = {{{0, 4}, {4, 16}}}};

}  // namespace trama::wire
