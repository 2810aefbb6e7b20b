// TCP's state machine of one end, as rows (RFC 9293 section 3.3.2 and figure 5). The tracker, the
// explanation and docs/tcp-states.md read this one table.
#pragma once
#include <array>
#include <iterator>
#include <span>

#include "base/say.h"
#include "wire/tcp_state.h"

namespace trama::flow {

using wire::TcpState;

// What an end does or sees; deduced from the packets between both ends.
enum class Event : u8 {
  sends_syn,
  sends_syn_ack,
  receives_syn,
  receives_syn_ack,
  syn_acknowledged,  // the peer acknowledged this end's SYN
  sends_fin,
  receives_fin,  // in order: no byte before it is missing
  fin_acknowledged,
  sends_rst,
  receives_rst,
};
inline constexpr unsigned event_count = 10;
inline constexpr unsigned state_count = static_cast<unsigned>(TcpState::new_syn_received) + 1;

struct Rule {
  TcpState state;
  Event sees;
  TcpState next;
  std::string_view says;  // a key of the catalogue
};

inline constexpr Rule rules[] = {
    {TcpState::none,         Event::sends_syn,        TcpState::syn_sent,     N_("connect(): asks to open")      },
    {TcpState::none,         Event::receives_syn,     TcpState::syn_received, N_("LISTEN: a request arrived")    },
    {TcpState::none,         Event::sends_syn_ack,    TcpState::syn_received,
     N_("LISTEN: the request was accepted")                                                                      },
    {TcpState::none,         Event::receives_syn_ack, TcpState::established,  N_("the peer accepted")            },
    {TcpState::closed,       Event::sends_syn,        TcpState::syn_sent,     N_("connect(): asks to open")      },
    {TcpState::closed,       Event::receives_syn,     TcpState::syn_received,
     N_("LISTEN: a request arrived")                                                                             },
    {TcpState::listen,       Event::receives_syn,     TcpState::syn_received,
     N_("LISTEN: a request arrived")                                                                             },
    {TcpState::syn_sent,     Event::receives_syn_ack, TcpState::established,
     N_("the peer accepted; connect() returns")                                                                  },
    {TcpState::syn_sent,     Event::receives_syn,     TcpState::syn_received,
     N_("both ends asked at once")                                                                               },
    {TcpState::syn_received, Event::syn_acknowledged, TcpState::established,
     N_("the handshake is complete; accept() returns")                                                           },
    {TcpState::syn_received, Event::sends_syn,        TcpState::syn_sent,
     N_("it asked too, before the request arrived")                                                              },
    {TcpState::established,  Event::sends_syn_ack,    TcpState::syn_received,
     N_("the third step did not arrive: accepts again")                                                          },
    {TcpState::syn_received, Event::sends_fin,        TcpState::fin_wait_1,
     N_("closes before the handshake is complete")                                                               },
    {TcpState::established,  Event::sends_fin,        TcpState::fin_wait_1,
     N_("close() or shutdown(): sends nothing more")                                                             },
    {TcpState::established,  Event::receives_fin,     TcpState::close_wait,
     N_("the peer sends nothing more; read() gives 0")                                                           },
    {TcpState::fin_wait_1,   Event::fin_acknowledged, TcpState::fin_wait_2,
     N_("the peer has the FIN; its own is awaited")                                                              },
    {TcpState::fin_wait_1,   Event::receives_fin,     TcpState::closing,      N_("both ends closed at once")     },
    {TcpState::fin_wait_2,   Event::receives_fin,     TcpState::time_wait,
     N_("both directions are closed; waits for stray packets")                                                   },
    {TcpState::closing,      Event::fin_acknowledged, TcpState::time_wait,
     N_("both directions are closed; waits for stray packets")                                                   },
    {TcpState::close_wait,   Event::sends_fin,        TcpState::last_ack,
     N_("close(): this end is done too")                                                                         },
    {TcpState::last_ack,     Event::fin_acknowledged, TcpState::closed,
     N_("the peer has the last FIN: over")                                                                       },
    {TcpState::syn_sent,     Event::receives_rst,     TcpState::closed,       N_("refused: ECONNREFUSED")        },
    {TcpState::syn_received, Event::receives_rst,     TcpState::closed,
     N_("the request was taken back")                                                                            },
    {TcpState::established,  Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::fin_wait_1,   Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::fin_wait_2,   Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::closing,      Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::close_wait,   Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::last_ack,     Event::receives_rst,     TcpState::closed,
     N_("aborted by the peer: ECONNRESET")                                                                       },
    {TcpState::none,         Event::sends_rst,        TcpState::closed,       N_("no socket for this: RST")      },
    {TcpState::syn_sent,     Event::sends_rst,        TcpState::closed,       N_("gives up with RST")            },
    {TcpState::syn_received, Event::sends_rst,        TcpState::closed,
     N_("nobody listens, or the request is refused: RST")                                                        },
    {TcpState::established,  Event::sends_rst,        TcpState::closed,       N_("aborts with RST")              },
    {TcpState::fin_wait_1,   Event::sends_rst,        TcpState::closed,       N_("aborts with RST")              },
    {TcpState::fin_wait_2,   Event::sends_rst,        TcpState::closed,       N_("data for a closed socket: RST")},
    {TcpState::closing,      Event::sends_rst,        TcpState::closed,       N_("aborts with RST")              },
    {TcpState::close_wait,   Event::sends_rst,        TcpState::closed,       N_("aborts with RST")              },
    {TcpState::last_ack,     Event::sends_rst,        TcpState::closed,       N_("aborts with RST")              },
};

// By state and event: the row's index, one more than it; 0 where there is none. Every segment asks
// some times.
inline constexpr auto rule_places = [] {
  std::array<std::array<u8, event_count>, state_count> places{};
  for (std::size_t i = std::size(rules); i-- > 0;)
    places[static_cast<u8>(rules[i].state)][static_cast<u8>(rules[i].sees)] =
        static_cast<u8>(i + 1);
  return places;
}();

// The row for a state and an event; nullptr where the event changes nothing.
constexpr const Rule* rule_for(TcpState state, Event event) {
  const u8 place = rule_places[static_cast<u8>(state)][static_cast<u8>(event)];
  return place == 0 ? nullptr : &rules[place - 1];
}

// "sends FIN": how the docs name an event; a key of the catalogue.
std::string_view name_of(Event event);

// docs/tcp-states.md: the table and a diagram, in English.
std::string tcp_states_document();

}  // namespace trama::flow
