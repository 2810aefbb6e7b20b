// The service tag of a provider's backbone (IEEE 802.1ah): the customer's frame stands inside.
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr auto ieee8021ah_fields = lay_out<18>({
    {"ieee8021ah.priority", 3,  Show::dec,   N_("priority, 7 highest")                  },
    {"ieee8021ah.drop",     1,  Show::flag,  N_("may be dropped first")                 },
    {"ieee8021ah.nca",      1,  Show::flag,  N_("the customer's addresses mean nothing")},
    {"ieee8021ah.res1",     1,  Show::dec,   N_("reserved")                             },
    {"ieee8021ah.res2",     2,  Show::dec,   N_("reserved")                             },
    {"ieee8021ah.isid",     24, Show::dec,   N_("number of the service")                },
    {"ieee8021ah.cdst",     48, Show::ether, N_("receiver's hardware address")          },
    {"ieee8021ah.csrc",     48, Show::ether, N_("sender's hardware address")            },
    named(ethertype_names, {"ieee8021ah.etype",    16, Show::hex4,  N_("what the payload is")                  }
    ),
});

inline constexpr Header ieee8021ah{.word = "ieee8021ah",
                                   .name = "IEEE 802.1ah",
                                   .layer = 2,
                                   .place = Place::tag,
                                   .fields = ieee8021ah_fields,
                                   .selector = "ieee8021ah.etype",
                                   .space = Space::ethertype,
                                   .deep = Deep::always,
                                   .path = "ieee8021ah:ethertype"};

}  // namespace trama::wire
