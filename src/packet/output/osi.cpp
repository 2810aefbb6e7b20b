#include "packet/output/osi.h"

#include "base/say.h"

namespace trama::output {

std::string osi_layer(unsigned layer) {
  switch (layer) {
    case 1:
      return say("layer 1, physical");
    case 2:
      return say("layer 2, data link");
    case 3:
      return say("layer 3, network");
    case 4:
      return say("layer 4, transport");
    case 5:
      return say("layer 5, session");
    case 6:
      return say("layer 6, presentation");
    case 7:
      return say("layer 7, application");
    default:
      return {};
  }
}

namespace {

struct Role {
  std::string_view word, says;
};

constexpr Role roles[] = {
    {"eth",    N_("carries a frame to the next machine on the same link, by hardware address")      },
    {"sll",    N_("stands in for the link header where the capture took all interfaces at once")    },
    {"null",   N_("stands in for a link header on loopback: there is no link")                      },
    {"vlan",   N_("says to which virtual network of the link the frame belongs")                    },
    {"arp",    N_("asks which hardware address an IPv4 address has")                                },
    {"ip",
     N_("carries a datagram from host to host, across networks, hop by hop; it may get lost")       },
    {"ipv6",
     N_("carries a datagram from host to host, across networks, hop by hop; it may get lost")       },
    {"icmp",   N_("IP's own messages: ping, and errors about datagrams that could not be delivered")},
    {"icmpv6", N_("IPv6's own messages: ping, neighbours, and errors about datagrams")              },
    {"tcp",    N_("from program to program (ports): opens a connection, numbers every byte, confirms "
               "what arrived, "
               "sends lost bytes again, waits for a slow reader, closes each direction") },
    {"udp",
     N_("from program to program (ports): adds ports, a length and a checksum, nothing else: no "
        "connection, no order, no confirmation, no repetition")                                     },
    {"data",   N_("what the programs say to each other")                                            },
};

}  // namespace

std::string_view header_role(std::string_view word) {
  for (const Role& role : roles)
    if (role.word == word) return translated(role.says);
  return {};
}

}  // namespace trama::output
