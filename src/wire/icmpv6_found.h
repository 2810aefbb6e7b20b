// What the walks of ICMPv6 find beyond its first four bytes: echo, multicast listeners, neighbours
// and their options.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto icmpv6_found = std::to_array<Field>({
    {"icmpv6.checksum.status",               0, Show::dec,     N_("1 good, 0 bad, 2 not verified")             },
    {"icmpv6.reserved",                      0, Show::bytes,   N_("reserved")                                  },
    {"icmpv6.echo.identifier",               0, Show::hex4,    N_("which program asks")                        },
    {"icmpv6.echo.sequence_number",          0, Show::dec,     N_("which question this is")                    },
    {"icmpv6.mtu",                           0, Show::dec,     N_("largest packet that the next link takes")   },
    {"icmpv6.pointer",                       0, Show::dec,     N_("byte that is wrong")                        },
    {"icmpv6.nd.ns.target_address",          0, Show::ipv6,    N_("whose hardware address is wanted")          },
    {"icmpv6.nd.na.target_address",          0, Show::ipv6,    N_("whose hardware address this is")            },
    {"icmpv6.nd.na.flag",                    0, Show::hex8,    N_("the flags together")                        },
    {"icmpv6.nd.na.flag.r",                  0, Show::flag,    N_("the sender is a router")                    },
    {"icmpv6.nd.na.flag.s",                  0, Show::flag,    N_("answers a question")                        },
    {"icmpv6.nd.na.flag.o",                  0, Show::flag,    N_("replaces what was known")                   },
    {"icmpv6.nd.ra.cur_hop_limit",           0, Show::dec,     N_("hop limit to use")                          },
    {"icmpv6.nd.ra.flag",                    0, Show::hex2,    N_("the flags together")                        },
    {"icmpv6.nd.ra.flag.m",                  0, Show::flag,    N_("addresses come from DHCPv6")                },
    {"icmpv6.nd.ra.flag.o",                  0, Show::flag,    N_("other settings come from DHCPv6")           },
    {"icmpv6.nd.ra.router_lifetime",         0, Show::dec,     N_("seconds that this stays true")              },
    {"icmpv6.nd.ra.reachable_time",          0, Show::dec,
     N_("milliseconds that a neighbour counts as there")                                                       },
    {"icmpv6.nd.ra.retrans_timer",           0, Show::dec,     N_("milliseconds between questions")            },
    {"icmpv6.rd.na.target_address",          0, Show::ipv6,    N_("the better router")                         },
    {"icmpv6.rd.na.destination_address",     0, Show::ipv6,    N_("receiver")                                  },
    {"icmpv6.mld.maximum_response_delay",    0, Show::dec,     N_("milliseconds to wait with the answer")      },
    {"icmpv6.mld.maximum_response_code",     0, Show::dec,
     N_("how long to wait with the answer, as a code")                                                         },
    {"icmpv6.mld.multicast_address",         0, Show::ipv6,    N_("the group")                                 },
    {"icmpv6.mld.flag.s",                    0, Show::flag,    N_("routers do not update their timers")        },
    {"icmpv6.mld.flag.qrv",                  0, Show::dec,     N_("how often a message is repeated")           },
    {"icmpv6.mld.qqi",                       0, Show::dec,     N_("seconds between queries")                   },
    {"icmpv6.mld.nb_sources",                0, Show::dec,     N_("how many senders are named")                },
    {"icmpv6.mld.source_address",            0, Show::ipv6,    N_("sender that is wanted or not")              },
    {"icmpv6.mldr.nb_mcast_records",         0, Show::dec,     N_("groups of the report")                      },
    {"icmpv6.mldr.mar.record_type",          0, Show::dec,     N_("what is wanted of the group")               },
    {"icmpv6.mldr.mar.aux_data_len",         0, Show::dec,     N_("length of more data, in units of 4 bytes")  },
    {"icmpv6.mldr.mar.nb_sources",           0, Show::dec,     N_("how many senders are named")                },
    {"icmpv6.mldr.mar.multicast_address",    0, Show::ipv6,    N_("the group")                                 },
    {"icmpv6.mldr.mar.source_address",       0, Show::ipv6,    N_("sender that is wanted or not")              },
    late({"icmpv6.resp_to",                       0, Show::dec,     N_("packet that asked")                         }
    ),
    late({"icmpv6.resp_in",                       0, Show::dec,     N_("packet that answers")                       }
    ),
    late({"icmpv6.resptime",                      0, Show::decimal, N_("from question to answer, in milliseconds")  }
    ),
    {"icmpv6.opt.type",                      0, Show::dec,     N_("kind of an option")                         },
    {"icmpv6.opt.length",                    0, Show::dec,     N_("length of an option, in units of 8 bytes")  },
    {"icmpv6.opt.linkaddr",                  0, Show::ether,   N_("hardware address")                          },
    {"icmpv6.opt.src_linkaddr",              0, Show::ether,   N_("sender's hardware address")                 },
    {"icmpv6.opt.target_linkaddr",           0, Show::ether,   N_("hardware address of whom is spoken of")     },
    {"icmpv6.opt.prefix.length",             0, Show::dec,     N_("bits of the network's number")              },
    {"icmpv6.opt.prefix.flag",               0, Show::hex2,    N_("the flags together")                        },
    {"icmpv6.opt.prefix.flag.l",             0, Show::flag,    N_("addresses of that network are on this link")},
    {"icmpv6.opt.prefix.flag.a",             0, Show::flag,    N_("hosts may make their own addresses of it")  },
    {"icmpv6.opt.prefix.valid_lifetime",     0, Show::dec,     N_("seconds that it is valid")                  },
    {"icmpv6.opt.prefix.preferred_lifetime", 0, Show::dec,     N_("seconds that it is preferred")              },
    {"icmpv6.opt.prefix",                    0, Show::ipv6,    N_("the network's number")                      },
    {"icmpv6.opt.mtu",                       0, Show::dec,     N_("largest packet of the link")                },
    {"icmpv6.opt.nonce",                     0, Show::bytes,   N_("what the answer must repeat")               },
    {"icmpv6.opt.route_info.flag",           0, Show::hex2,    N_("the flags together")                        },
    {"icmpv6.opt.route_lifetime",            0, Show::dec,     N_("seconds that it is valid")                  },
    {"icmpv6.opt.rdnss.lifetime",            0, Show::dec,     N_("seconds that it is valid")                  },
    {"icmpv6.opt.rdnss",                     0, Show::ipv6,    N_("address of a name server")                  },
    {"icmpv6.opt.dnssl.lifetime",            0, Show::dec,     N_("seconds that it is valid")                  },
});

}  // namespace trama::wire
