#include "packet/flow/table.h"
#include "wire/protocols/tcp.h"
#include "wire/protocols/udp.h"

namespace trama::flow {

using wire::in;
using wire::tcp_found;
using wire::udp_found;

namespace {

u16 layer_of(const dissect::Tree& tree, const wire::Header& header) {
  const auto layers = tree.layers();
  for (std::size_t i = layers.size(); i-- > 0;)
    if (layers[i].header == &header) return static_cast<u16>(i);
  return 0;
}

// The marks of tcp.analysis. What tshark says twice (of a fast retransmission that it is one, and a
// retransmission) is said twice.
void annotate_analysis(dissect::Tree& tree, u16 layer, const Step& step) {
  const Analysis& analysis = step.analysis;
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  const bool nothing = analysis.found == 0 && analysis.acks_frame == 0 &&
                       analysis.bytes_in_flight == 0 && analysis.push_bytes_sent == 0;
  if (nothing) return;
  if (analysis.initial_rtt > 0)
    add(in(tcp_found, "tcp.analysis.initial_rtt"), static_cast<u64>(analysis.initial_rtt));
  if (analysis.acks_frame != 0) {
    add(in(tcp_found, "tcp.analysis.acks_frame"), analysis.acks_frame);
    if (analysis.ack_rtt != 0)
      add(in(tcp_found, "tcp.analysis.ack_rtt"), static_cast<u64>(analysis.ack_rtt));
  }
  if (analysis.bytes_in_flight != 0)
    add(in(tcp_found, "tcp.analysis.bytes_in_flight"), analysis.bytes_in_flight);
  if (analysis.push_bytes_sent != 0)
    add(in(tcp_found, "tcp.analysis.push_bytes_sent"), analysis.push_bytes_sent);
  if (analysis.found == 0) return;
  add(in(tcp_found, "tcp.analysis.flags"), 1);
  static constexpr std::pair<u32, const wire::Field*> marks[] = {
      {found::any_retransmission,      &in(tcp_found, "tcp.analysis.retransmission")         },
      {found::fast_retransmission,     &in(tcp_found, "tcp.analysis.fast_retransmission")    },
      {found::spurious_retransmission, &in(tcp_found, "tcp.analysis.spurious_retransmission")},
      {found::out_of_order,            &in(tcp_found, "tcp.analysis.out_of_order")           },
      {found::reused_ports,            &in(tcp_found, "tcp.analysis.reused_ports")           },
      {found::lost_segment,            &in(tcp_found, "tcp.analysis.lost_segment")           },
      {found::ack_lost_segment,        &in(tcp_found, "tcp.analysis.ack_lost_segment")       },
      {found::window_update,           &in(tcp_found, "tcp.analysis.window_update")          },
      {found::window_full,             &in(tcp_found, "tcp.analysis.window_full")            },
      {found::keep_alive,              &in(tcp_found, "tcp.analysis.keep_alive")             },
      {found::keep_alive_ack,          &in(tcp_found, "tcp.analysis.keep_alive_ack")         },
      {found::duplicate_ack,           &in(tcp_found, "tcp.analysis.duplicate_ack")          },
      {found::duplicate_ack,           &in(tcp_found, "tcp.analysis.duplicate_ack")          },
      {found::zero_window_probe,       &in(tcp_found, "tcp.analysis.zero_window_probe")      },
      {found::zero_window,             &in(tcp_found, "tcp.analysis.zero_window")            },
      {found::zero_window_probe_ack,   &in(tcp_found, "tcp.analysis.zero_window_probe_ack")  },
  };
  for (const auto& [bits, field] : marks)
    if (step.found(bits)) add(*field, 1);
  if (analysis.rto_frame != 0 && analysis.rto != 0) {
    add(in(tcp_found, "tcp.analysis.rto"), static_cast<u64>(analysis.rto));
    add(in(tcp_found, "tcp.analysis.rto_frame"), analysis.rto_frame);
  }
  if (step.found(found::duplicate_ack)) {
    add(in(tcp_found, "tcp.analysis.duplicate_ack_num"), analysis.duplicate_number);
    add(in(tcp_found, "tcp.analysis.duplicate_ack_frame"), analysis.duplicate_frame);
  }
}

void annotate_tcp(dissect::Tree& tree, const Step& step) {
  const u16 layer = layer_of(tree, wire::tcp);
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  const Segment& segment = step.segment;
  add(in(tcp_found, "tcp.stream"), step.conversation->stream);
  add(in(tcp_found, "tcp.seq"), step.seq);
  add(in(tcp_found, "tcp.completeness"), step.analysis.completeness);
  if (tree.layers()[layer].header_length < wire::tcp.size()) return;  // nothing behind it is true
  if (segment.whole) add(in(tcp_found, "tcp.nxtseq"), step.next_seq);
  add(in(tcp_found, "tcp.ack"), step.ack);
  add(in(tcp_found, "tcp.window_size"), step.window);
  if (!segment.has(TcpFlag::syn))
    add(in(tcp_found, "tcp.window_size_scalefactor"), static_cast<u64>(step.scale_factor));
  add(in(tcp_found, "tcp.time_relative"), static_cast<u64>(step.since_first));
  add(in(tcp_found, "tcp.time_delta"), static_cast<u64>(step.since_previous));
  annotate_analysis(tree, layer, step);
  const u32 base = step.conversation->ends[1 - step.from].base;  // SACK speaks of the peer's bytes
  tree.subtract(in(tcp_found, "tcp.options.sack_le"), layer, base);
  tree.subtract(in(tcp_found, "tcp.options.sack_re"), layer, base);
}

void annotate_udp(dissect::Tree& tree, const Step& step) {
  const u16 layer = layer_of(tree, wire::udp);
  tree.add(in(udp_found, "udp.stream"), layer, step.conversation->stream);
  tree.add(in(udp_found, "udp.time_relative"), layer, static_cast<u64>(step.since_first));
  tree.add(in(udp_found, "udp.time_delta"), layer, static_cast<u64>(step.since_previous));
}

}  // namespace

void annotate_ride(dissect::Tree& tree, u16 layer, const Segment& segment,
                   const Conversation& conversation, const std::optional<Times>& times) {
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  if (!segment.tcp) {
    add(in(udp_found, "udp.stream"), conversation.stream);
    if (!times) return;
    add(in(udp_found, "udp.time_relative"), static_cast<u64>(times->since_first));
    add(in(udp_found, "udp.time_delta"), static_cast<u64>(times->since_previous));
    return;
  }
  add(in(tcp_found, "tcp.stream"), conversation.stream);
  add(in(tcp_found, "tcp.seq"), segment.seq);
  add(in(tcp_found, "tcp.ack"), segment.ack);
  add(in(tcp_found, "tcp.window_size"), segment.window);
  if (!segment.has(TcpFlag::syn))
    add(in(tcp_found, "tcp.window_size_scalefactor"), static_cast<u64>(-1));
  if (times) {
    add(in(tcp_found, "tcp.time_relative"), static_cast<u64>(times->since_first));
    add(in(tcp_found, "tcp.time_delta"), static_cast<u64>(times->since_previous));
  }
  add(in(tcp_found, "tcp.completeness"), conversation.completeness);
}

void annotate(dissect::Tree& tree, const Step& step) {
  if (step.icmp) return;
  step.conversation->tcp ? annotate_tcp(tree, step) : annotate_udp(tree, step);
}

}  // namespace trama::flow
