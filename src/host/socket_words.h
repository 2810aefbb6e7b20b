// The words of the socket filter: what each is compared with, and where its values come from.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "host/socket_table.h"

namespace trama::host {

enum class Takes : u8 { nothing, port, address, host, state, number, text };
enum class From : u8 {
  socket,
  local,
  peer,
  both,
  pid,
  fd,
  uid,
  inode,
  receive,
  send,
  program,
  user
};

struct Word {
  std::string_view name;
  Takes takes;
  From from;
  std::optional<Transport> transport{};
  std::optional<bool> v6{};
};

inline constexpr Word socket_words[] = {
    {"tcp.port",    Takes::port,    From::both,    Transport::tcp, {}   },
    {"tcp.srcport", Takes::port,    From::local,   Transport::tcp, {}   },
    {"tcp.dstport", Takes::port,    From::peer,    Transport::tcp, {}   },
    {"udp.port",    Takes::port,    From::both,    Transport::udp, {}   },
    {"udp.srcport", Takes::port,    From::local,   Transport::udp, {}   },
    {"udp.dstport", Takes::port,    From::peer,    Transport::udp, {}   },
    {"port",        Takes::port,    From::both,    {},             {}   },
    {"sport",       Takes::port,    From::local,   {},             {}   },
    {"dport",       Takes::port,    From::peer,    {},             {}   },
    {"ip.addr",     Takes::address, From::both,    {},             false},
    {"ip.src",      Takes::address, From::local,   {},             false},
    {"ip.dst",      Takes::address, From::peer,    {},             false},
    {"ipv6.addr",   Takes::address, From::both,    {},             true },
    {"ipv6.src",    Takes::address, From::local,   {},             true },
    {"ipv6.dst",    Takes::address, From::peer,    {},             true },
    {"host",        Takes::host,    From::both,    {},             {}   },
    {"src",         Takes::host,    From::local,   {},             {}   },
    {"dst",         Takes::host,    From::peer,    {},             {}   },
    {"state",       Takes::state,   From::socket,  {},             {}   },
    {"tcp.state",   Takes::state,   From::socket,  Transport::tcp, {}   },
    {"pid",         Takes::number,  From::pid,     {},             {}   },
    {"fd",          Takes::number,  From::fd,      {},             {}   },
    {"uid",         Takes::number,  From::uid,     {},             {}   },
    {"inode",       Takes::number,  From::inode,   {},             {}   },
    {"recv_q",      Takes::number,  From::receive, {},             {}   },
    {"send_q",      Takes::number,  From::send,    {},             {}   },
    {"program",     Takes::text,    From::program, {},             {}   },
    {"process",     Takes::text,    From::program, {},             {}   },
    {"user",        Takes::text,    From::user,    {},             {}   },
    {"tcp",         Takes::nothing, From::socket,  Transport::tcp, {}   },
    {"udp",         Takes::nothing, From::socket,  Transport::udp, {}   },
    {"ip",          Takes::nothing, From::socket,  {},             false},
    {"ipv6",        Takes::nothing, From::socket,  {},             true },
};
inline constexpr const Word& any_port = socket_words[6];
inline constexpr const Word& any_host = socket_words[15];
inline constexpr const Word& any_state = socket_words[18];

}  // namespace trama::host
