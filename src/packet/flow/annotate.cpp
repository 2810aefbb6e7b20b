#include "packet/flow/marks.h"
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

void annotate_analysis(dissect::Tree& tree, u16 layer, const Step& step) {
  const Analysis& analysis = step.analysis;
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  const bool nothing = analysis.found == 0 && analysis.acks_frame == 0 && !analysis.kept;
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
  add(in(tcp_found, "tcp.stream"), step.stream);
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

void annotate_udp(dissect::Tree& tree, u16 layer, u32 stream, const std::optional<Times>& times) {
  tree.add(in(udp_found, "udp.stream"), layer, stream);
  if (!times) return;
  tree.add(in(udp_found, "udp.time_relative"), layer, static_cast<u64>(times->since_first));
  tree.add(in(udp_found, "udp.time_delta"), layer, static_cast<u64>(times->since_previous));
}

}  // namespace

void annotate_ride(dissect::Tree& tree, u16 layer, const Segment& segment,
                   const Conversation& conversation, const std::optional<Times>& times) {
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  if (!segment.tcp) return annotate_udp(tree, layer, conversation.number, times);
  add(in(tcp_found, "tcp.stream"), conversation.number);
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
  if (step.conversation->tcp) return annotate_tcp(tree, step);
  annotate_udp(tree, layer_of(tree, wire::udp), step.stream,
               Times{step.since_first, step.since_previous});
}

}  // namespace trama::flow
