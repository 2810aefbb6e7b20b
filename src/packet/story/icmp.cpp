#include "packet/story/icmp.h"

#include "base/say.h"

namespace trama::story {
namespace {

struct Case {
  bool v6;
  u8 type, code;
  std::string_view words;  // RFC words, in the label: never translated
  std::string_view says;   // a key of the catalogue; {} is who reports
};

constexpr u8 any = 0xff;

constexpr Case cases[] = {
    {false, 3,  0,   "network unreachable",         N_("{} has no route to that network.")               },
    {false, 3,  1,   "host unreachable",
     N_("{} cannot reach that host: it is off, or the address is wrong.")                                },
    {false, 3,  2,   "protocol unreachable",        N_("The host at {} does not speak this protocol.")   },
    {false, 3,  3,   "port unreachable",
     N_("Nobody has this port: the kernel of {} answers through ICMP.")                                  },
    {false, 3,  4,   "fragmentation needed",
     N_("Too big for the next link, says {}: send smaller packets.")                                     },
    {false, 3,  9,   "network prohibited",          N_("A filter at {} forbids that network.")           },
    {false, 3,  10,  "host prohibited",             N_("A filter at {} forbids that host.")              },
    {false, 3,  13,  "administratively filtered",   N_("A filter at {} forbids this.")                   },
    {false, 3,  any, "unreachable",                 N_("{} says that the destination cannot be reached.")},
    {false, 11, 0,   "time to live exceeded",
     N_("Too many hops: {} dropped the packet; a loop, or traceroute.")                                  },
    {false, 11, 1,   "reassembly time exceeded",
     N_("Fragments were missing at {}: the datagram was dropped.")                                       },
    {false, 4,  any, "source quench",               N_("{} asks to send slower.")                        },
    {false, 5,  any, "redirect",                    N_("{} knows a better router.")                      },
    {false, 12, any, "parameter problem",           N_("{} does not understand the packet's header.")    },
    {true,  1,  0,   "no route",                    N_("{} has no route to that network.")               },
    {true,  1,  1,   "administratively prohibited", N_("A filter at {} forbids this.")                   },
    {true,  1,  3,   "address unreachable",
     N_("{} cannot reach that host: it is off, or the address is wrong.")                                },
    {true,  1,  4,   "port unreachable",
     N_("Nobody has this port: the kernel of {} answers through ICMP.")                                  },
    {true,  1,  any, "unreachable",                 N_("{} says that the destination cannot be reached.")},
    {true,  2,  any, "packet too big",
     N_("Too big for the next link, says {}: send smaller packets.")                                     },
    {true,  3,  any, "time exceeded",
     N_("Too many hops: {} dropped the packet; a loop, or traceroute.")                                  },
    {true,  4,  any, "parameter problem",           N_("{} does not understand the packet's header.")    },
};

const Case* case_of(const flow::IcmpError& error) {
  for (const Case& row : cases)
    if (row.v6 == error.v6 && row.type == error.type && (row.code == error.code || row.code == any))
      return &row;
  return nullptr;
}

}  // namespace

bool is_port_unreachable(const flow::IcmpError& error) {
  return error.v6 ? error.type == 1 && error.code == 4 : error.type == 3 && error.code == 3;
}

std::string icmp_label(const flow::IcmpError& error) {
  const Case* row = case_of(error);
  return fmt::format("{} {}/{} {}", error.v6 ? "ICMPv6" : "ICMP", error.type, error.code,
                     row == nullptr ? std::string_view{} : row->words);
}

std::string icmp_sentence(const flow::IcmpError& error, const flow::Conversation& conversation) {
  // From the peer itself, the lesson is who answers.
  if (is_port_unreachable(error) && !conversation.tcp && error.reporter == error.quoted.to.address)
    return say("The other host's kernel answers through ICMP, not UDP: no program has this port.");
  const Case* row = case_of(error);
  if (row == nullptr)
    return say("An ICMP error about this conversation, from {}.", to_string(error.reporter));
  const auto text = translated(row->says);
  const std::string reporter = to_string(error.reporter);
  return fmt::vformat({text.data(), text.size()}, fmt::make_format_args(reporter));
}

}  // namespace trama::story
