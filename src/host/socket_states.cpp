#include "host/socket_states.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace trama::host {
namespace {

constexpr u32 bit(TcpState state) { return 1U << static_cast<unsigned>(state); }
constexpr u32 every = 0x3fff | udp_bound | udp_connected;
constexpr u32 unconnected = bit(TcpState::listen) | bit(TcpState::closed) | udp_bound;
constexpr u32 request_or_remains = bit(TcpState::syn_received) | bit(TcpState::time_wait);

struct StateWord {
  std::string_view word;  // lower case, without dashes and underscores
  u32 states;
};

constexpr StateWord words[] = {
    {"established",   bit(TcpState::established)                                      },
    {"estab",         bit(TcpState::established)                                      },
    {"synsent",       bit(TcpState::syn_sent)                                         },
    {"synrecv",       bit(TcpState::syn_received)                                     },
    {"synrcvd",       bit(TcpState::syn_received)                                     },
    {"synreceived",   bit(TcpState::syn_received)                                     },
    {"finwait1",      bit(TcpState::fin_wait_1)                                       },
    {"finwait2",      bit(TcpState::fin_wait_2)                                       },
    {"timewait",      bit(TcpState::time_wait)                                        },
    {"closed",        bit(TcpState::closed)                                           },
    {"close",         bit(TcpState::closed)                                           },
    {"unconn",        bit(TcpState::closed) | udp_bound                               },
    {"bound",         bit(TcpState::closed) | udp_bound                               },
    {"boundinactive", bit(TcpState::closed)                                           },
    {"closewait",     bit(TcpState::close_wait)                                       },
    {"lastack",       bit(TcpState::last_ack)                                         },
    {"listen",        bit(TcpState::listen)                                           },
    {"listening",     bit(TcpState::listen)                                           },
    {"closing",       bit(TcpState::closing)                                          },
    {"connected",     every & ~unconnected                                            }, // ss(8), "groups"
    {"synchronized",  every & ~unconnected & ~bit(TcpState::syn_sent) & ~udp_connected},
    {"bucket",        request_or_remains                                              },
    {"big",           every & ~request_or_remains                                     },
    {"all",           every                                                           },
};

}  // namespace

u32 states_named(std::string_view word) {
  std::string plain;
  for (const char c : word)
    if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(static_cast<u8>(c)));
  const auto* at = std::find_if(std::begin(words), std::end(words),
                                [&](const StateWord& row) { return row.word == plain; });
  return at == std::end(words) ? 0 : at->states;
}

u32 state_bit(const Socket& socket) {
  if (socket.transport == Transport::tcp) return bit(socket.state);
  return socket.state == TcpState::established ? udp_connected : udp_bound;
}

std::string_view state_word(const Socket& socket) {
  const bool bound = socket.local.port != 0;
  if (socket.transport == Transport::udp)
    return socket.state == TcpState::established ? "connected" : "bound";
  return socket.state == TcpState::closed && bound ? "bound" : name_of(socket.state);
}

}  // namespace trama::host
