// How tshark's JSON arranges the fields of the headers that everybody looks at: order, hidden
// duplicates ("ip.addr" beside "ip.src"), and which fields stand inside another's "..._tree".
// Other headers follow from their tables (json_layers.cpp). A word that no table has is left out.
#pragma once
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace trama::output {

struct Shape {
  enum class Kind : u8 {
    value,     // the field `word`, under the name `key`
    constant,  // `word` itself, unless a table has the key
    oui,       // the first three bytes of the hardware address `word`, as a number
    slaac,     // the hardware address inside the IPv6 address `word` (RFC 4291 appendix A)
    status,    // of the checksum `word`: not verified, or in a tree of its own where there is none
    tree,      // "key_tree": what follows deeper, where the field `word` is there
    label,     // "key": what follows deeper, where any of it is there
    options,   // TCP's options, each with its own tree
  };
  unsigned depth;
  Kind kind;
  std::string_view key;
  std::string_view word = {};  // "": the key
};

namespace shapes {
using enum Shape::Kind;

inline constexpr Shape frame_shape[] = {
    {0, value,    "frame.section_number",        ""           },
    {0, value,    "frame.interface_id",          ""           },
    {0, tree,     "frame.interface_id",          ""           },
    {1, value,    "frame.interface_name",        ""           },
    {1, value,    "frame.interface_description", ""           },
    {0, value,    "frame.encap_type",            ""           },
    {0, value,    "frame.time",                  ""           },
    {0, constant, "frame.offset_shift",          "0.000000000"},
    {0, value,    "frame.time_epoch",            ""           },
    {0, value,    "frame.time_delta",            ""           },
    {0, value,    "frame.time_delta_displayed",  ""           },
    {0, value,    "frame.time_relative",         ""           },
    {0, value,    "frame.number",                ""           },
    {0, value,    "frame.len",                   ""           },
    {0, value,    "frame.cap_len",               ""           },
    {0, constant, "frame.marked",                "0"          },
    {0, constant, "frame.ignored",               "0"          },
    {0, value,    "frame.protocols",             ""           },
};

inline constexpr Shape eth_shape[] = {
    {0, value, "eth.dst",           ""          },
    {0, tree,  "eth.dst",           ""          },
    {1, value, "eth.dst_resolved",  "eth.dst"   },
    {1, oui,   "eth.dst.oui",       "eth.dst"   },
    {1, value, "eth.addr",          "eth.dst"   },
    {1, value, "eth.addr_resolved", "eth.dst"   },
    {1, oui,   "eth.addr.oui",      "eth.dst"   },
    {1, value, "eth.dst.lg",        ""          },
    {1, value, "eth.lg",            "eth.dst.lg"},
    {1, value, "eth.dst.ig",        ""          },
    {1, value, "eth.ig",            "eth.dst.ig"},
    {0, value, "eth.src",           ""          },
    {0, tree,  "eth.src",           ""          },
    {1, value, "eth.src_resolved",  "eth.src"   },
    {1, oui,   "eth.src.oui",       "eth.src"   },
    {1, value, "eth.addr",          "eth.src"   },
    {1, value, "eth.addr_resolved", "eth.src"   },
    {1, oui,   "eth.addr.oui",      "eth.src"   },
    {1, value, "eth.src.lg",        ""          },
    {1, value, "eth.lg",            "eth.src.lg"},
    {1, value, "eth.src.ig",        ""          },
    {1, value, "eth.ig",            "eth.src.ig"},
    {0, value, "eth.type",          ""          },
    {0, value, "eth.len",           ""          },
};

inline constexpr Shape ip_shape[] = {
    {0, value,    "ip.version",         ""      },
    {0, value,    "ip.hdr_len",         ""      },
    {0, value,    "ip.dsfield",         ""      },
    {0, tree,     "ip.dsfield",         ""      },
    {1, value,    "ip.dsfield.dscp",    ""      },
    {1, value,    "ip.dsfield.ecn",     ""      },
    {0, value,    "ip.len",             ""      },
    {0, value,    "ip.id",              ""      },
    {0, value,    "ip.flags",           ""      },
    {0, tree,     "ip.flags",           ""      },
    {1, value,    "ip.flags.rb",        ""      },
    {1, value,    "ip.flags.df",        ""      },
    {1, value,    "ip.flags.mf",        ""      },
    {0, value,    "ip.frag_offset",     ""      },
    {0, value,    "ip.ttl",             ""      },
    {0, value,    "ip.proto",           ""      },
    {0, value,    "ip.checksum",        ""      },
    {0, constant, "ip.checksum.status", "2"     }, // as tshark without -o ip.check_checksum
    {0, value,    "ip.src",             ""      },
    {0, value,    "ip.addr",            "ip.src"},
    {0, value,    "ip.src_host",        "ip.src"},
    {0, value,    "ip.host",            "ip.src"},
    {0, value,    "ip.dst",             ""      },
    {0, value,    "ip.addr",            "ip.dst"},
    {0, value,    "ip.dst_host",        "ip.dst"},
    {0, value,    "ip.host",            "ip.dst"},
};

inline constexpr Shape ipv6_shape[] = {
    {0, value, "ipv6.version",       ""            },
    {0, value, "ip.version",         "ipv6.version"},
    {0, value, "ipv6.tclass",        ""            },
    {0, tree,  "ipv6.tclass",        ""            },
    {1, value, "ipv6.tclass.dscp",   ""            },
    {1, value, "ipv6.tclass.ecn",    ""            },
    {0, value, "ipv6.flow",          ""            },
    {0, value, "ipv6.plen",          ""            },
    {0, value, "ipv6.nxt",           ""            },
    {0, value, "ipv6.hlim",          ""            },
    {0, value, "ipv6.src",           ""            },
    {0, value, "ipv6.addr",          "ipv6.src"    },
    {0, value, "ipv6.src_host",      "ipv6.src"    },
    {0, value, "ipv6.host",          "ipv6.src"    },
    {0, value, "ipv6.dst",           ""            },
    {0, value, "ipv6.addr",          "ipv6.dst"    },
    {0, value, "ipv6.dst_host",      "ipv6.dst"    },
    {0, value, "ipv6.host",          "ipv6.dst"    },
    {0, slaac, "ipv6.src_slaac_mac", "ipv6.src"    },
    {0, slaac, "ipv6.slaac_mac",     "ipv6.src"    },
    {0, slaac, "ipv6.dst_slaac_mac", "ipv6.dst"    },
    {0, slaac, "ipv6.slaac_mac",     "ipv6.dst"    },
};

inline constexpr Shape tcp_shape[] = {
    {0, value,    "tcp.srcport",                          ""           },
    {0, value,    "tcp.dstport",                          ""           },
    {0, value,    "tcp.port",                             "tcp.srcport"},
    {0, value,    "tcp.port",                             "tcp.dstport"},
    {0, value,    "tcp.stream",                           ""           },
    {0, value,    "tcp.completeness",                     ""           },
    {0, value,    "tcp.len",                              ""           },
    {0, value,    "tcp.seq",                              ""           },
    {0, value,    "tcp.seq_raw",                          ""           },
    {0, value,    "tcp.nxtseq",                           ""           },
    {0, value,    "tcp.ack",                              ""           },
    {0, value,    "tcp.ack_raw",                          ""           },
    {0, value,    "tcp.hdr_len",                          ""           },
    {0, value,    "tcp.flags",                            ""           },
    {0, tree,     "tcp.flags",                            ""           },
    {1, value,    "tcp.flags.res",                        ""           },
    {1, value,    "tcp.flags.ae",                         ""           },
    {1, value,    "tcp.flags.cwr",                        ""           },
    {1, value,    "tcp.flags.ece",                        ""           },
    {1, value,    "tcp.flags.urg",                        ""           },
    {1, value,    "tcp.flags.ack",                        ""           },
    {1, value,    "tcp.flags.push",                       ""           },
    {1, value,    "tcp.flags.reset",                      ""           },
    {1, value,    "tcp.flags.syn",                        ""           },
    {1, value,    "tcp.flags.fin",                        ""           },
    {1, value,    "tcp.flags.str",                        ""           },
    {0, value,    "tcp.window_size_value",                ""           },
    {0, value,    "tcp.window_size",                      ""           },
    {0, value,    "tcp.window_size_scalefactor",          ""           },
    {0, value,    "tcp.checksum",                         ""           },
    {0, constant, "tcp.checksum.status",                  "2"          },
    {0, value,    "tcp.urgent_pointer",                   ""           },
    {0, value,    "tcp.options",                          ""           },
    {0, tree,     "tcp.options",                          ""           },
    {1, options,  "tcp.options",                          ""           },
    {0, label,    "Timestamps",                           ""           },
    {1, value,    "tcp.time_relative",                    ""           },
    {1, value,    "tcp.time_delta",                       ""           },
    {0, label,    "tcp.analysis",                         ""           },
    {1, value,    "tcp.analysis.acks_frame",              ""           },
    {1, value,    "tcp.analysis.ack_rtt",                 ""           },
    {1, value,    "tcp.analysis.initial_rtt",             ""           },
    {1, value,    "tcp.analysis.bytes_in_flight",         ""           },
    {1, value,    "tcp.analysis.push_bytes_sent",         ""           },
    {1, label,    "tcp.analysis.flags",                   ""           },
    {2, value,    "tcp.analysis.retransmission",          ""           },
    {2, value,    "tcp.analysis.fast_retransmission",     ""           },
    {2, value,    "tcp.analysis.spurious_retransmission", ""           },
    {2, value,    "tcp.analysis.out_of_order",            ""           },
    {2, value,    "tcp.analysis.reused_ports",            ""           },
    {2, value,    "tcp.analysis.lost_segment",            ""           },
    {2, value,    "tcp.analysis.ack_lost_segment",        ""           },
    {2, value,    "tcp.analysis.window_update",           ""           },
    {2, value,    "tcp.analysis.window_full",             ""           },
    {2, value,    "tcp.analysis.keep_alive",              ""           },
    {2, value,    "tcp.analysis.keep_alive_ack",          ""           },
    {2, value,    "tcp.analysis.duplicate_ack",           ""           },
    {2, value,    "tcp.analysis.zero_window",             ""           },
    {2, value,    "tcp.analysis.zero_window_probe",       ""           },
    {2, value,    "tcp.analysis.zero_window_probe_ack",   ""           },
    {1, value,    "tcp.analysis.rto",                     ""           },
    {1, value,    "tcp.analysis.rto_frame",               ""           },
    {1, value,    "tcp.analysis.duplicate_ack_num",       ""           },
    {1, value,    "tcp.analysis.duplicate_ack_frame",     ""           },
    {0, value,    "tcp.payload",                          ""           },
};

inline constexpr Shape udp_shape[] = {
    {0, value,  "udp.srcport",         ""            },
    {0, value,  "udp.dstport",         ""            },
    {0, value,  "udp.port",            "udp.srcport" },
    {0, value,  "udp.port",            "udp.dstport" },
    {0, value,  "udp.length",          ""            },
    {0, value,  "udp.checksum",        ""            },
    {0, status, "udp.checksum.status", "udp.checksum"},
    {0, value,  "udp.stream",          ""            },
    {0, label,  "Timestamps",          ""            },
    {1, value,  "udp.time_relative",   ""            },
    {1, value,  "udp.time_delta",      ""            },
    {0, value,  "udp.payload",         ""            },
};

}  // namespace shapes

struct LayerShape {
  std::string_view word;
  std::span<const Shape> rows;
};

inline constexpr LayerShape layer_shapes[] = {
    {"frame", shapes::frame_shape},
    {"eth",   shapes::eth_shape  },
    {"ip",    shapes::ip_shape   },
    {"ipv6",  shapes::ipv6_shape },
    {"tcp",   shapes::tcp_shape  },
    {"udp",   shapes::udp_shape  },
};

}  // namespace trama::output
