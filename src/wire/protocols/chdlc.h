// Cisco's HDLC: an address, and the EtherType of what follows.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto chdlc_fields = lay_out<4>({
    {"chdlc.address",  8,  Show::hex2, N_("0x0f to one, 0x8f to all")},
    {"chdlc.control",  8,  Show::hex2, N_("always 0")                },
    named(ethertype_names, {"chdlc.protocol", 16, Show::hex4, N_("what the payload is")     }
    ),
});

inline constexpr Header chdlc{.word = "chdlc",
                              .name = "Cisco HDLC",
                              .layer = 2,
                              .place = Place::link,
                              .fields = chdlc_fields,
                              .selector = "chdlc.protocol",
                              .space = Space::chdlc_protocol,
                              .deep = Deep::always};

}  // namespace trama::wire
