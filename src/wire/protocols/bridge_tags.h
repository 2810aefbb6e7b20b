// The short tags that bridges put between an Ethernet header and the type of its payload: VN-Tag,
// E-tag (IEEE 802.1BR), sequence numbers of IEEE 802.1CB, and of HSR (IEC 62439-3).
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto vntag_fields = lay_out<6>({
    {"vntag.dir",     1,  Show::dec,  N_("1 towards the bridge")             },
    {"vntag.ptr",     1,  Show::dec,  N_("the receiver is a list")           },
    {"vntag.dst",     14, Show::dec,  N_("interface that receives")          },
    {"vntag.looped",  1,  Show::dec,  N_("the frame came back to its sender")},
    {"vntag.r",       1,  Show::dec,  N_("reserved")                         },
    {"vntag.version", 2,  Show::dec,  N_("version")                          },
    {"vntag.src",     12, Show::dec,  N_("interface that sends")             },
    named(ethertype_names, {"vntag.etype",   16, Show::hex4, N_("what the payload is")              }
    ),
});
inline constexpr Header vntag{.word = "vntag",
                              .name = "VN-Tag",
                              .layer = 2,
                              .place = Place::tag,
                              .fields = vntag_fields,
                              .selector = "vntag.etype",
                              .space = Space::ethertype,
                              .deep = Deep::always,
                              .path = "vntag:ethertype"};

inline constexpr auto etag_fields = lay_out<8>({
    {"etag.pcp",   3,  Show::dec,  N_("priority, 7 highest")    },
    {"etag.dei",   1,  Show::flag, N_("may be dropped first")   },
    {"etag.isi",   12, Show::dec,  N_("interface that sends")   },
    {"",           2,  Show::dec,  ""                           },
    {"etag.grp",   2,  Show::dec,  N_("receiver is a group")    },
    {"etag.ecid",  12, Show::dec,  N_("interface that receives")},
    {"",           16, Show::dec,  ""                           },
    named(ethertype_names, {"etag.etype", 16, Show::hex4, N_("what the payload is")    }
    ),
});
inline constexpr Header etag{.word = "etag",
                             .name = "802.1BR E-Tag",
                             .layer = 2,
                             .place = Place::tag,
                             .fields = etag_fields,
                             .selector = "etag.etype",
                             .space = Space::ethertype,
                             .deep = Deep::always,
                             .path = "etag:ethertype"};

inline constexpr auto ieee8021cb_fields = lay_out<6>({
    {"ieee8021cb.res",   16, Show::hex4, N_("reserved")             },
    {"ieee8021cb.seq",   16, Show::dec,  N_("number of this packet")},
    named(ethertype_names, {"ieee8021cb.etype", 16, Show::hex4, N_("what the payload is")  }
    ),
});
inline constexpr Header ieee8021cb{.word = "ieee8021cb",
                                   .name = "802.1CB R-TAG",
                                   .layer = 2,
                                   .place = Place::tag,
                                   .fields = ieee8021cb_fields,
                                   .selector = "ieee8021cb.etype",
                                   .space = Space::ethertype,
                                   .deep = Deep::always,
                                   .path = "ieee8021cb:ethertype"};

inline constexpr auto hsr_fields = lay_out<6>({
    {"hsr.path",        4,  Show::dec,  N_("which way round the ring")},
    {"hsr.size",        12, Show::dec,  N_("bytes of payload")        },
    {"hsr.sequence_nr", 16, Show::dec,  N_("number of this packet")   },
    named(ethertype_names, {"hsr.type",        16, Show::hex4, N_("what the payload is")     }
    ),
});
inline constexpr Header hsr{.word = "hsr",
                            .name = "High-availability Seamless Redundancy",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = hsr_fields,
                            .selector = "hsr.type",
                            .space = Space::ethertype,
                            .deep = Deep::always};

}  // namespace trama::wire
