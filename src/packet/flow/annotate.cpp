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

void annotate_tcp(dissect::Tree& tree, const Step& step) {
  const u16 layer = layer_of(tree, wire::tcp);
  const auto add = [&](const wire::Field& field, u64 value) { tree.add(field, layer, value); };
  const Segment& segment = step.segment;
  add(in(tcp_found, "tcp.stream"), step.conversation->stream);
  add(in(tcp_found, "tcp.seq"), step.seq);
  add(in(tcp_found, "tcp.nxtseq"), step.next_seq);
  add(in(tcp_found, "tcp.ack"), step.ack);
  add(in(tcp_found, "tcp.window_size"), step.window);
  if (!segment.has(TcpFlag::syn))
    add(in(tcp_found, "tcp.window_size_scalefactor"), static_cast<u64>(step.scale_factor));
  add(in(tcp_found, "tcp.time_relative"), static_cast<u64>(step.since_first));
  add(in(tcp_found, "tcp.time_delta"), static_cast<u64>(step.since_previous));
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

void annotate(dissect::Tree& tree, const Step& step) {
  if (step.icmp) return;
  step.conversation->tcp ? annotate_tcp(tree, step) : annotate_udp(tree, step);
}

}  // namespace trama::flow
