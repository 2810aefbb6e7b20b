// Address Resolution Protocol (RFC 826).
#pragma once
#include "wire/protocols/eth.h"

namespace trama::wire {

inline constexpr Name arp_opcode_names[] = {
    {1, "request"        },
    {2, "reply"          },
    {3, "reverse request"},
    {4, "reverse reply"  },
    {8, "InARP request"  },
    {9, "InARP reply"    }
};

inline constexpr auto arp_fields = lay_out<8>({
    {"arp.hw.type",    16, Show::dec,  N_("kind of hardware address; 1 is Ethernet")},
    named(ethertype_names, {"arp.proto.type", 16, Show::hex4, N_("kind of protocol address")               }
    ),
    {"arp.hw.size",    8,  Show::dec,  N_("bytes of a hardware address")            },
    {"arp.proto.size", 8,  Show::dec,  N_("bytes of a protocol address")            },
    named(arp_opcode_names, {"arp.opcode",     16, Show::dec,  N_("1 asks, 2 answers")                      }
    ),
});

inline constexpr auto arp_found = std::to_array<Field>({
    {"arp.src.hw_mac",     0, Show::ether, N_("sender's hardware address")                         },
    {"arp.src.proto_ipv4", 0, Show::ipv4,  N_("sender's IPv4 address")                             },
    {"arp.dst.hw_mac",     0, Show::ether, N_("target's hardware address: what a request asks for")},
    {"arp.dst.proto_ipv4", 0, Show::ipv4,  N_("target's IPv4 address")                             },
    {"arp.src.hw",         0, Show::bytes, N_("sender's hardware address")                         },
    {"arp.src.proto",      0, Show::bytes, N_("sender's protocol address")                         },
    {"arp.dst.hw",         0, Show::bytes, N_("target's hardware address: what a request asks for")},
    {"arp.dst.proto",      0, Show::bytes, N_("target's protocol address")                         },
    {"arp.isgratuitous",   0, Show::flag,  N_("asks for or tells its own address")                 },
});

inline void walk_arp(Walk& walk) {
  walk.has_payload = false;
  if (!walk.whole(0, 8)) return;
  const u32 hardware = walk.data[4];
  const u32 protocol = walk.data[5];
  const bool mac = hardware == 6 && (walk.number(0, 2) == 1 || walk.number(0, 2) == 6);
  const bool ipv4 = protocol == 4 && walk.number(2, 2) == 0x0800;
  u32 at = 8;
  walk.header_length = 8 + 2 * (hardware + protocol);
  if (walk.header_length < walk.length) walk.length = walk.header_length;
  if (!walk.whole(0, walk.header_length)) return walk.cut();
  const auto one = [&](bool number, u32 count, const Field& known, const Field& unknown) {
    if (count > 0) {
      if (number)
        walk.put(known, at, count, walk.number(at, count));
      else
        walk.put_bytes(unknown, at, count);
    }
    at += count;
  };
  one(mac, hardware, in(arp_found, "arp.src.hw_mac"), in(arp_found, "arp.src.hw"));
  one(ipv4, protocol, in(arp_found, "arp.src.proto_ipv4"), in(arp_found, "arp.src.proto"));
  one(mac, hardware, in(arp_found, "arp.dst.hw_mac"), in(arp_found, "arp.dst.hw"));
  one(ipv4, protocol, in(arp_found, "arp.dst.proto_ipv4"), in(arp_found, "arp.dst.proto"));
  const u32 sender = 8 + hardware;
  const u32 target = sender + protocol + hardware;
  if (ipv4 && walk.number(sender, 4) == walk.number(target, 4))
    walk.put(in(arp_found, "arp.isgratuitous"), 8, 0, 1);
}

inline constexpr Header arp{.word = "arp",
                            .name = "Address Resolution Protocol",
                            .layer = 2,
                            .place = Place::network,
                            .fields = arp_fields,
                            .found = arp_found,
                            .walk = walk_arp};

}  // namespace trama::wire
