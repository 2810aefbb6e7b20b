// Who carries whom: one row a pair. Sorted by space, most frequent first.
#pragma once
#include "wire/header.h"

namespace trama::wire {

inline constexpr Carries carries[] = {
    {Space::ethertype,      0x0800,  "ip"            },
    {Space::ethertype,      0x86dd,  "ipv6"          },
    {Space::ethertype,      0x8100,  "vlan"          },
    {Space::ethertype,      0x88a8,  "ieee8021ad"    },
    {Space::ethertype,      0x9100,  "vlan"          },
    {Space::ethertype,      0x0806,  "arp"           },
    {Space::ethertype,      0x8035,  "arp"           }, // RARP
    {Space::ethertype,      0x8847,  "mpls"          },
    {Space::ethertype,      0x8848,  "mpls"          },
    {Space::ethertype,      0x8863,  "pppoed"        },
    {Space::ethertype,      0x8864,  "pppoes"        },
    {Space::ethertype,      0x6558,  "eth"           },
    {Space::ethertype,      0x8870,  "llc"           }, // jumbo frames
    {Space::ethertype,      0x88e7,  "ieee8021ah"    },
    {Space::ethertype,      0x8909,  "cmd"           },
    {Space::ethertype,      0x8926,  "vntag"         },
    {Space::ethertype,      0x892f,  "hsr"           },
    {Space::ethertype,      0x893f,  "etag"          },
    {Space::ethertype,      0x894f,  "nsh"           },
    {Space::ethertype,      0x22f3,  "trill"         },
    {Space::ethertype,      0xf1c1,  "ieee8021cb"    },
    {Space::ip_protocol,    6,       "tcp"           },
    {Space::ip_protocol,    17,      "udp"           },
    {Space::ip_protocol,    1,       "icmp"          },
    {Space::ip_protocol,    58,      "icmpv6"        },
    {Space::ip_protocol,    2,       "igmp"          },
    {Space::ip_protocol,    4,       "ip"            },
    {Space::ip_protocol,    41,      "ipv6"          },
    {Space::ip_protocol,    47,      "gre"           },
    {Space::ip_protocol,    51,      "ah"            },
    {Space::ip_protocol,    0,       "ipv6.hopopts"  },
    {Space::ip_protocol,    43,      "ipv6.routing"  },
    {Space::ip_protocol,    44,      "ipv6.fraghdr"  },
    {Space::ip_protocol,    60,      "ipv6.dstopts"  },
    {Space::ip_protocol,    97,      "etherip"       },
    {Space::ip_protocol,    137,     "mpls"          },
    {Space::ip_protocol,    143,     "eth"           },
    {Space::ppp_protocol,   0x0021,  "ip"            },
    {Space::ppp_protocol,   0x0057,  "ipv6"          },
    {Space::ppp_protocol,   0x003d,  "mp"            },
    {Space::ppp_protocol,   0x0281,  "mpls"          },
    {Space::ppp_protocol,   0x0283,  "mpls"          },
    {Space::ppp_protocol,   0x8021,  "ipcp"          },
    {Space::ppp_protocol,   0x8057,  "ipv6cp"        },
    {Space::ppp_protocol,   0x80fd,  "ccp"           },
    {Space::ppp_protocol,   0xc021,  "lcp"           },
    {Space::llc_sap,        0x100,   "llc"           }, // LLC itself
    {Space::llc_sap,        0x06,    "ip"            },
    {Space::llc_sap,        0x42,    "stp"           },
    {Space::ip_version,     4,       "ip"            },
    {Space::ip_version,     6,       "ipv6"          },
    {Space::null_family,    2,       "ip"            },
    {Space::null_family,    24,      "ipv6"          }, // NetBSD, OpenBSD
    {Space::null_family,    28,      "ipv6"          }, // FreeBSD
    {Space::null_family,    30,      "ipv6"          }, // macOS
    {Space::icmp_error,     4,       "ip"            },
    {Space::icmpv6_error,   6,       "ipv6"          },
    {Space::udp_port,       4789,    "vxlan"         },
    {Space::udp_port,       4790,    "vxlan_gpe"     },
    {Space::udp_port,       6081,    "geneve"        },
    {Space::udp_port,       2152,    "gtp"           },
    {Space::udp_port,       3544,    "teredo"        },
    {Space::udp_port,       1701,    "l2tp"          },
    {Space::udp_port,       4341,    "lisp_data"     },
    {Space::udp_port,       4754,    "gre"           },
    {Space::udp_port,       6635,    "mpls"          },
    {Space::gre_protocol,   0x0800,  "ip"            },
    {Space::gre_protocol,   0x86dd,  "ipv6"          },
    {Space::gre_protocol,   0x6558,  "eth"           },
    {Space::gre_protocol,   0x6400,  "eth"           },
    {Space::gre_protocol,   0x6559,  "fr"            },
    {Space::gre_protocol,   0x880b,  "ppp"           },
    {Space::gre_protocol,   0x0806,  "arp"           },
    {Space::gre_protocol,   0x8847,  "mpls"          },
    {Space::gre_protocol,   0x8848,  "mpls"          },
    {Space::gre_protocol,   0x883e,  "ip"            }, // WCCP
    {Space::gre_protocol,   0x88be,  "erspan"        },
    {Space::gre_protocol,   0x188be, "erspan_bare"   },
    {Space::gre_protocol,   0x22eb,  "erspan"        },
    {Space::gre_protocol,   0x8909,  "cmd_gre"       },
    {Space::gre_protocol,   0x894f,  "nsh"           },
    {Space::next_protocol,  1,       "ip"            },
    {Space::next_protocol,  2,       "ipv6"          },
    {Space::next_protocol,  3,       "eth"           },
    {Space::next_protocol,  4,       "nsh"           },
    {Space::next_protocol,  5,       "mpls"          },
    {Space::chdlc_protocol, 0x0800,  "ip"            },
    {Space::chdlc_protocol, 0x86dd,  "ipv6"          },
    {Space::chdlc_protocol, 0x6558,  "eth"           },
    {Space::chdlc_protocol, 0x8847,  "mpls"          },
    {Space::chdlc_protocol, 0x8848,  "mpls"          },
    {Space::pseudowire,     0,       "pwethheuristic"},
    {Space::pseudowire,     1,       "pwach"         },
    {Space::pseudowire,     2,       "pwethcw"       },
    {Space::pseudowire,     3,       "pwethnocw"     },
    {Space::inside,         0,       "eth"           },
    {Space::inside,         1,       "ppp"           },
    {Space::inside,         2,       "ppp_bare"      },
    {Space::inside,         3,       "chdlc"         },
    {Space::inside,         6,       "ipv6"          },
};

// What a capture's link type starts with (tcpdump.org/linktypes.html), and the number that
// Wireshark gives it in frame.encap_type.
struct Link {
  u16 type;
  u16 encapsulation;
  std::string_view name;
  std::string_view first;  // the header's word; "" where none of ours
};

inline constexpr Link links[] = {
    {1,   1,   "Ethernet",                         "eth"   },
    {0,   15,  "NULL/Loopback",                    "null"  },
    {108, 174, "OpenBSD Loopback",                 "null"  },
    {113, 25,  "Linux cooked-mode capture v1",     "sll"   },
    {276, 210, "Linux cooked-mode capture v2",     "sll2"  },
    {12,  7,   "Raw IP",                           "raw"   },
    {14,  7,   "Raw IP",                           "raw"   },
    {101, 7,   "Raw IP",                           "raw"   },
    {228, 129, "Raw IPv4",                         "ip"    },
    {229, 130, "Raw IPv6",                         "ipv6"  },
    {9,   4,   "PPP",                              "ppp"   },
    {50,  4,   "PPP",                              "ppp"   },
    {51,  139, "PPP-over-Ethernet",                "pppoes"},
    {8,   3,   "SLIP",                             ""      },
    {10,  6,   "FDDI",                             ""      },
    {104, 28,  "Cisco HDLC",                       "chdlc" },
    {105, 20,  "IEEE 802.11 Wireless LAN",         ""      },
    {107, 26,  "Frame Relay",                      "fr"    },
    {119, 21,  "IEEE 802.11 plus Prism II header", ""      },
    {127, 23,  "IEEE 802.11 plus radiotap header", ""      },
    {147, 45,  "USER 0",                           ""      },
    {187, 41,  "Bluetooth H4",                     ""      },
    {192, 97,  "Per-Packet Information header",    ""      },
    {195, 104, "IEEE 802.15.4",                    ""      },
    {230, 127, "IEEE 802.15.4 without FCS",        ""      },
    {239, 141, "Linux Netfilter log",              ""      },
    {249, 152, "USB packets",                      ""      },
};

}  // namespace trama::wire
