#include "lab/segment.h"

#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/flow/segment.h"

namespace trama::lab {

std::optional<Segment> segment_of(Bytes frame) {
  std::vector<u8> bytes(frame.begin(), frame.end());
  bytes.resize(frame.size() + padding);
  Packet packet;
  packet.data = bytes.data();
  packet.captured = packet.wire = static_cast<u32>(frame.size());
  const source::Interface ethernet;
  dissect::mark(packet, ethernet.link_type);
  dissect::Tree tree;
  if (packet.deep) tree.dissect(packet, ethernet);

  Segment segment;
  if (flow::Segment sent; flow::segment_of(packet, packet.deep ? &tree : nullptr, sent)) {
    segment.transport = sent.tcp ? host::Transport::tcp : host::Transport::udp;
    segment.source = sent.from;
    segment.destination = sent.to;
    segment.syn = sent.has(flow::TcpFlag::syn);
    segment.ack = sent.has(flow::TcpFlag::ack);
    segment.fin = sent.has(flow::TcpFlag::fin);
    segment.rst = sent.has(flow::TcpFlag::rst);
    segment.psh = sent.has(flow::TcpFlag::psh);
    segment.payload = sent.length;
    return segment;
  }
  if (!packet.deep) return {};
  const auto error = flow::icmp_error_of(tree);
  if (!error) return {};
  segment.transport = error->quoted.tcp ? host::Transport::tcp : host::Transport::udp;
  segment.source = error->quoted.to;  // at the sender of the error
  segment.destination = error->quoted.from;
  segment.quoted = true;
  return segment;
}

}  // namespace trama::lab
