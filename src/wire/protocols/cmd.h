// Cisco's MetaData: a security group in front of the payload. Inside GRE the type stands first.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto cmd_fields = lay_out<8>({
    {"cmd.version", 8,  Show::dec,  N_("version")                    },
    {"cmd.length",  8,  Show::dec,  N_("length of what is told")     },
    {"cmd.options", 16, Show::hex4, N_("what is told")               },
    {"cmd.sgt",     16, Show::dec,  N_("the sender's security group")},
    named(ethertype_names, {"cmd.type",    16, Show::hex4, N_("what the payload is")        }
    ),
});
inline constexpr Header cmd{.word = "cmd",
                            .name = "Cisco MetaData",
                            .layer = 2,
                            .place = Place::tag,
                            .fields = cmd_fields,
                            .selector = "cmd.type",
                            .space = Space::ethertype,
                            .deep = Deep::always,
                            .path = "cmd:ethertype"};

inline constexpr auto cmd_gre_fields = lay_out<8>({
    named(ethertype_names, {"cmd.type",    16, Show::hex4, N_("what the payload is")        }
     ),
    {"cmd.version", 8,  Show::dec,  N_("version")                    },
    {"cmd.length",  8,  Show::dec,  N_("length of what is told")     },
    {"cmd.options", 16, Show::hex4, N_("what is told")               },
    {"cmd.sgt",     16, Show::dec,  N_("the sender's security group")},
});
inline constexpr Header cmd_gre{.word = "cmd",
                                .name = "Cisco MetaData",
                                .layer = 2,
                                .place = Place::tag,
                                .fields = cmd_gre_fields,
                                .selector = "cmd.type",
                                .space = Space::ethertype,
                                .deep = Deep::always};

}  // namespace trama::wire
