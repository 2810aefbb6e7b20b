// The marks of tcp.analysis: what was found, and the field that says so. What tshark says twice (a
// duplicate ACK; of a fast retransmission that it is one, and a retransmission) is said twice.
#pragma once
#include <utility>

#include "packet/flow/analysis.h"
#include "wire/protocols/tcp.h"

namespace trama::flow {

inline constexpr std::pair<u32, const wire::Field*> marks[] = {
    {found::any_retransmission,      &wire::in(wire::tcp_found, "tcp.analysis.retransmission")         },
    {found::fast_retransmission,     &wire::in(wire::tcp_found, "tcp.analysis.fast_retransmission")    },
    {found::spurious_retransmission,
     &wire::in(wire::tcp_found,                                 "tcp.analysis.spurious_retransmission")},
    {found::out_of_order,            &wire::in(wire::tcp_found, "tcp.analysis.out_of_order")           },
    {found::reused_ports,            &wire::in(wire::tcp_found, "tcp.analysis.reused_ports")           },
    {found::lost_segment,            &wire::in(wire::tcp_found, "tcp.analysis.lost_segment")           },
    {found::ack_lost_segment,        &wire::in(wire::tcp_found, "tcp.analysis.ack_lost_segment")       },
    {found::window_update,           &wire::in(wire::tcp_found, "tcp.analysis.window_update")          },
    {found::window_full,             &wire::in(wire::tcp_found, "tcp.analysis.window_full")            },
    {found::keep_alive,              &wire::in(wire::tcp_found, "tcp.analysis.keep_alive")             },
    {found::keep_alive_ack,          &wire::in(wire::tcp_found, "tcp.analysis.keep_alive_ack")         },
    {found::duplicate_ack,           &wire::in(wire::tcp_found, "tcp.analysis.duplicate_ack")          },
    {found::duplicate_ack,           &wire::in(wire::tcp_found, "tcp.analysis.duplicate_ack")          },
    {found::zero_window_probe,       &wire::in(wire::tcp_found, "tcp.analysis.zero_window_probe")      },
    {found::zero_window,             &wire::in(wire::tcp_found, "tcp.analysis.zero_window")            },
    {found::zero_window_probe_ack,
     &wire::in(wire::tcp_found,                                 "tcp.analysis.zero_window_probe_ack")  },
};

}  // namespace trama::flow
