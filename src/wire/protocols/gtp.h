// GPRS Tunnelling Protocol, the user's part (3GPP TS 29.281): IP packets of telephones. Of the
// signalling only the first bytes are read.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto gtp_fields = lay_out<8>({
    {"gtp.flags.version",  3,  Show::dec,  N_("version")                               },
    {"gtp.flags.payload",  1,  Show::dec,  N_("1 is GTP, 0 is GTP'")                   },
    {"gtp.flags.reserved", 1,  Show::dec,  N_("reserved")                              },
    {"gtp.flags.e",        1,  Show::flag, N_("another header follows")                },
    {"gtp.flags.s",        1,  Show::flag, N_("a sequence number follows")             },
    {"gtp.flags.pn",       1,  Show::flag, N_("an N-PDU number follows")               },
    again({"gtp.flags",          8,  Show::hex2, N_("the flags together")                    }
    ),
    {"gtp.message",        8,  Show::hex2, N_("kind of message; 0xff carries a packet")},
    {"gtp.length",         16, Show::dec,  N_("bytes behind the first eight")          },
    {"gtp.teid",           32, Show::hex8, N_("which tunnel")                          },
});

inline constexpr auto gtp_found = std::to_array<Field>({
    {"gtp.seq_number",  0, Show::hex4, N_("number of this packet")                    },
    {"gtp.npdu_number", 0, Show::hex2, N_("number of the packet in the radio network")},
    {"gtp.next",        0, Show::hex2, N_("what follows")                             },
});

inline void walk_gtp(Walk& walk) {
  walk.space = Space::none;
  walk.has_payload = false;
  if (!walk.whole(0, 8)) return;
  const unsigned version = walk.data[0] >> 5;
  const auto told = static_cast<u32>(walk.number(2, 2));
  u32 at = version == 0 ? 20 : 8;
  if (at + told < walk.length) walk.length = at + told;
  if (version > 1 || walk.data[1] != 0xff || (walk.data[0] & 0x10) == 0) return;
  if (version == 1 && (walk.data[0] & 7) != 0) {
    if (!walk.whole(8, 4)) return walk.cut();
    if ((walk.data[0] & 2) != 0) walk.put(in(gtp_found, "gtp.seq_number"), 8, 2, walk.number(8, 2));
    if ((walk.data[0] & 1) != 0) walk.put(in(gtp_found, "gtp.npdu_number"), 10, 1, walk.data[10]);
    at = 12;
    u8 next = (walk.data[0] & 4) != 0 ? walk.data[11] : u8{0};
    walk.put(in(gtp_found, "gtp.next"), 11, 1, walk.data[11]);
    while (next != 0) {  // each is at least 4 bytes long
      if (!walk.whole(at, 1)) return walk.cut();
      const u32 size = walk.data[at] * 4U;
      if (size == 0 || next == 0x84) return;  // 0x84: another protocol
      if (!walk.whole(at, size)) return walk.cut();
      next = walk.data[at + size - 1];
      at += size;
    }
  }
  walk.header_length = at;
  if (!walk.whole(at, 1) || walk.length <= at) return;
  const unsigned first = walk.data[at] >> 4;
  const bool broadcast = walk.whole(at, 14) && walk.number(at, 6) == 0xffff'ffff'ffff;
  if (first != 4 && first != 6 && !broadcast) return;
  walk.has_payload = true;
  walk.space = broadcast ? Space::inside : Space::ip_version;
  walk.selector = broadcast ? 0 : first;
}

inline constexpr Header gtp{.word = "gtp",
                            .name = "GPRS Tunneling Protocol",
                            .layer = 3,
                            .place = Place::tag,
                            .fields = gtp_fields,
                            .found = gtp_found,
                            .walk = walk_gtp,
                            .deep = Deep::always};

}  // namespace trama::wire
