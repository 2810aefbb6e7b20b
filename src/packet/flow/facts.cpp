#include "packet/flow/facts.h"

#include <utility>

#include "wire/protocols/tcp.h"
#include "wire/protocols/udp.h"

namespace trama::flow {
namespace {

using wire::in;
using wire::tcp_found;
using wire::udp_found;

// A fact of every step of one transport.
template <bool tcp, auto get>
bool always(const Step& step, u64& value) {
  if (step.icmp || step.conversation->tcp != tcp) return false;
  value = static_cast<u64>(get(step));
  return true;
}

u64 stream(const Step& step) { return step.conversation->stream; }
i64 since_first(const Step& step) { return step.since_first; }
i64 since_previous(const Step& step) { return step.since_previous; }
u64 seq(const Step& step) { return step.seq; }
u64 ack(const Step& step) { return step.ack; }
u64 window(const Step& step) { return step.window; }
u64 completeness(const Step& step) { return step.analysis.completeness; }

// A mark of the analysis: there, or not.
template <u32 finding>
bool mark(const Step& step, u64& value) {
  value = 1;
  return !step.icmp && step.conversation->tcp && step.found(finding);
}

constexpr std::pair<const wire::Field*, Fact> facts[] = {
    {&in(tcp_found,                         "tcp.stream"),         always<true,                                  stream>},
    {&in(tcp_found,                                     "tcp.seq"),                                              always<true,                                            seq>},
    {&in(tcp_found,                                 "tcp.ack"),                                                      always<true,                                           ack>},
    {&in(tcp_found,                          "tcp.window_size"),always<true,window>},
    {&in(tcp_found,"tcp.completeness"),               always<true,                                                             completeness>},
    {&in(tcp_found,                         "tcp.time_relative"),                                  always<true,                                                     since_first>},
    {&in(tcp_found,                                     "tcp.time_delta"),                                              always<true,                                              since_previous>},
    {&in(udp_found,                         "udp.stream"),                                              always<false,                          stream>},
    {&in(udp_found,                          "udp.time_relative"),always<false,since_first>},
    {&in(udp_found,"udp.time_delta"),always<false,since_previous>},
    {&in(tcp_found,                         "tcp.analysis.flags"), mark<~u32{0}>                                              },
    {&in(tcp_found,                                     "tcp.analysis.retransmission"),                                              mark<found::any_retransmission>                                                                         },
    {&in(tcp_found,                      "tcp.analysis.fast_retransmission"),                                           mark<found::fast_retransmission>                                                                                                   },
    {&in(tcp_found,                        "tcp.analysis.spurious_retransmission"),                                             mark<found::spurious_retransmission>                              },
    {&in(tcp_found,      "tcp.analysis.out_of_order"),mark<found::out_of_order>},
    {&in(tcp_found,     "tcp.analysis.reused_ports"),mark<found::reused_ports>},
    {&in(tcp_found, "tcp.analysis.lost_segment"),mark<found::lost_segment>},
    {&in(tcp_found,            "tcp.analysis.ack_lost_segment"),                                                    mark<found::ack_lost_segment>                                                                                                                                               },
    {&in(tcp_found,            "tcp.analysis.window_update"),                                                  mark<found::window_update>                                                                                                                                                                     },
    {&in(tcp_found,            "tcp.analysis.window_full"),                                                        mark<found::window_full>                                                                                                            },
    {&in(tcp_found,        "tcp.analysis.keep_alive"),mark<found::keep_alive>},
    {&in(tcp_found,           "tcp.analysis.keep_alive_ack"),mark<found::keep_alive_ack>},
    {&in(tcp_found,             "tcp.analysis.zero_window_probe"),mark<found::zero_window_probe>},
    {&in(tcp_found,              "tcp.analysis.zero_window"),                                                          mark<found::zero_window>                                                                                                                                                                                                                               },
    {&in(tcp_found,          "tcp.analysis.zero_window_probe_ack"),                                                 mark<found::zero_window_probe_ack>                                                                                                                                                                                                                                       },
};

}  // namespace

Fact fact_of(const wire::Field& field) {
  for (const auto& [known, fact] : facts)
    if (known == &field) return fact;
  return nullptr;
}

}  // namespace trama::flow
