// Who carries whom: one row a pair. Sorted by space, most frequent first.
#pragma once
#include "wire/header.h"

namespace trama::wire {

inline constexpr Carries carries[] = {
    {Space::ethertype,    0x0800,  "ip"          },
    {Space::ethertype,    0x86dd,  "ipv6"        },
    {Space::ethertype,    0x8100,  "vlan"        },
    {Space::ethertype,    0x88a8,  "vlan"        },
    {Space::ethertype,    0x9100,  "vlan"        },
    {Space::ethertype,    0x0806,  "arp"         },
    {Space::ethertype,    0x8847,  "mpls"        },
    {Space::ethertype,    0x8848,  "mpls"        },
    {Space::ethertype,    0x8863,  "pppoed"      },
    {Space::ethertype,    0x8864,  "pppoes"      },
    {Space::ethertype,    0x6558,  "eth"         },
    {Space::ethertype,    0x880b,  "ppp"         },
    {Space::ip_protocol,  6,       "tcp"         },
    {Space::ip_protocol,  17,      "udp"         },
    {Space::ip_protocol,  1,       "icmp"        },
    {Space::ip_protocol,  58,      "icmpv6"      },
    {Space::ip_protocol,  2,       "igmp"        },
    {Space::ip_protocol,  4,       "ip"          },
    {Space::ip_protocol,  41,      "ipv6"        },
    {Space::ip_protocol,  47,      "gre"         },
    {Space::ip_protocol,  0,       "ipv6.hopopts"},
    {Space::ip_protocol,  43,      "ipv6.routing"},
    {Space::ip_protocol,  44,      "ipv6.fraghdr"},
    {Space::ip_protocol,  60,      "ipv6.dstopts"},
    {Space::ppp_protocol, 0x10000, "ppp"         }, // PPPoE: the whole frame
    {Space::ppp_protocol, 0x0021,  "ip"          },
    {Space::ppp_protocol, 0x0057,  "ipv6"        },
    {Space::llc_sap,      0,       "llc"         },
    {Space::ip_version,   4,       "ip"          },
    {Space::ip_version,   6,       "ipv6"        },
    {Space::null_family,  2,       "ip"          },
    {Space::null_family,  10,      "ipv6"        }, // Linux
    {Space::null_family,  24,      "ipv6"        }, // NetBSD, OpenBSD
    {Space::null_family,  28,      "ipv6"        }, // FreeBSD
    {Space::null_family,  30,      "ipv6"        }, // macOS
    {Space::icmp_error,   4,       "ip"          },
    {Space::icmpv6_error, 6,       "ipv6"        },
    {Space::udp_port,     4789,    "vxlan"       },
    {Space::udp_port,     0x10000, "eth"         }, // inside VXLAN
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
    {104, 28,  "Cisco HDLC",                       ""      },
    {105, 20,  "IEEE 802.11 Wireless LAN",         ""      },
    {107, 26,  "Frame Relay",                      ""      },
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
