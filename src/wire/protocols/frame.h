// What is known of a packet before its first byte is read: not a header, but asked for like one.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto frame_found = std::to_array<Field>({
    {"frame.number",                0, Show::dec,     N_("number in the capture, from 1")                 },
    {"frame.len",                   0, Show::dec,     N_("bytes on the wire")                             },
    {"frame.cap_len",               0, Show::dec,     N_("bytes captured")                                },
    {"frame.time",                  0, Show::moment,  N_("when it was captured")                          },
    {"frame.time_epoch",            0, Show::seconds, N_("seconds since 1970-01-01 UTC")                  },
    {"frame.time_relative",         0, Show::seconds, N_("since the capture's first packet")              },
    {"frame.time_delta",            0, Show::seconds, N_("since the packet before")                       },
    {"frame.time_delta_displayed",  0, Show::seconds, N_("since the packet shown before")                 },
    {"frame.encap_type",            0, Show::dec,     N_("kind of link, as Wireshark numbers it")         },
    {"frame.interface_id",          0, Show::dec,     N_("number of the interface in the capture, from 0")},
    {"frame.interface_name",        0, Show::text,    N_("name of the interface")                         },
    {"frame.interface_description", 0, Show::text,    N_("description of the interface")                  },
    told({"frame.protocols",             0, Show::text,    N_("the protocols inside, outermost first")         }
    ),
    {"frame.comment",               0, Show::text,    N_("comment that somebody left in the file")        },
});

inline constexpr Header frame{
    .word = "frame", .name = "Frame", .fields = {}, .found = frame_found, .deep = Deep::always};

}  // namespace trama::wire
