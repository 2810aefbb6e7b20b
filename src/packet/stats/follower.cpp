#include "packet/stats/follower.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/json.h"
#include "packet/output/columns.h"

namespace trama::stats {
namespace {

constexpr std::string_view line =
    "===================================================================\n";

std::string_view protocol_of(const Chosen& chosen) { return chosen.tcp ? "tcp" : "udp"; }

Node node_of(const std::string& address, u16 port) {
  const auto parsed = parse_address(address);
  return parsed ? Node{{*parsed, port}, {}} : Node{{{}, port}, address};
}

std::string host_of(const Node& node) {
  return node.link_address.empty() ? to_string(node.end.address) : node.link_address;
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool Chosen::takes(const flow::Step& step) const {
  if (step.conversation->tcp != tcp) return false;
  if (!ends) return step.stream == stream;
  const Endpoint& from = step.segment.from;
  const Endpoint& to = step.segment.to;
  return (from == (*ends)[0] && to == (*ends)[1]) || (from == (*ends)[1] && to == (*ends)[0]);
}

std::string Chosen::filter() const {
  const std::string_view protocol = protocol_of(*this);
  if (!ends) return fmt::format("{}.stream eq {}", protocol, stream);
  const auto way = [&](const Endpoint& from, const Endpoint& to) {
    const std::string_view ip = from.address.v6 ? "ipv6" : "ip";
    return fmt::format(
        "(({0}.src eq {1} and {2}.srcport eq {3}) and ({0}.dst eq {4} and "
        "{2}.dstport eq {5}))",
        ip, to_string(from.address), protocol, from.port, to_string(to.address), to.port);
  };
  return way((*ends)[0], (*ends)[1]) + " or " + way((*ends)[1], (*ends)[0]);
}

Follower::Follower(Chosen chosen, Tell tell) : chosen_(chosen), tell_(std::move(tell)) {}

// tshark's way: where one of a packet's datagrams is the conversation's, all of them are told, and
// the ends are the innermost addresses and ports.
void Follower::add_tunnelled(const output::Shown& shown) {
  const dissect::Tree& tree = shown.tree;
  const auto& layers = tree.layers();
  const auto quoted = std::find_if(layers.begin(), layers.end(), flow::is_icmp) - layers.begin();
  bool taken = false;
  for (const dissect::Row& row : tree.rows()) {
    if (row.layer >= quoted || row.field->word != "udp.stream") continue;
    streams_ = std::max(streams_, row.value + 1);
    taken |= row.value == chosen_.stream;
  }
  if (!taken) return;
  std::vector<flow::Segment> datagrams;
  std::optional<flow::Segment> innermost;
  for (std::size_t i = 0; i < static_cast<std::size_t>(quoted); ++i) {
    if (!flow::is_transport(layers[i]) || layers[i].cut) continue;
    const auto segment = flow::segment_in(tree, i);
    if (!segment) continue;
    innermost = segment;
    if (!segment->tcp) datagrams.push_back(*segment);
  }
  if (!innermost) return;
  std::string source;
  std::string destination;
  output::append_source(source, shown);
  output::append_destination(destination, shown);
  const Node from = node_of(source, innermost->from.port);
  if (!found_) nodes_ = {from, node_of(destination, innermost->to.port)};
  found_ = true;
  stream_ = chosen_.stream;
  for (const flow::Segment& datagram : datagrams)
    if (!datagram.payload.empty())
      take(from == nodes_[0] ? 0 : 1, text_of(datagram.payload),
           {shown.packet.number, shown.packet.time});
}

void Follower::add(const output::Shown& shown) {
  if (!chosen_.tcp && !chosen_.ends && shown.packet.deep) return add_tunnelled(shown);
  const flow::Step* step = shown.step;
  if (step == nullptr || step->icmp) return;
  if (step->conversation->tcp == chosen_.tcp)
    streams_ = std::max<u64>(streams_, u64{step->stream} + 1);
  if (!chosen_.takes(*step)) return;
  const flow::Segment& segment = step->segment;
  if (!found_)
    nodes_ = {
        Node{segment.from, {}},
        Node{segment.to,   {}}
    };
  if (!found_ || stream_ != step->stream)
    assembly_ =
        std::make_unique<Assembly>([this](unsigned side, std::string_view bytes,
                                          const Stamp& stamp) { take(side, bytes, stamp); });
  found_ = true;
  stream_ = step->stream;
  const unsigned side = segment.from == nodes_[0].end ? 0 : 1;
  const std::string_view bytes = text_of(segment.payload);
  const Stamp stamp{shown.packet.number, shown.packet.time};
  if (chosen_.tcp)
    assembly_->add({side, step->seq, step->ack, segment.length, bytes, stamp,
                    segment.has(flow::TcpFlag::syn)});
  else if (!bytes.empty())
    take(side, bytes, stamp);
}

void Follower::take(unsigned side, std::string_view bytes, const Stamp& stamp) {
  tell_({side, bytes, sent_[side], stamp});
  sent_[side] += bytes.size();
}

std::string head_of(const Follower& follower, Form form) {
  const Chosen& chosen = follower.chosen();
  const auto& nodes = follower.nodes();
  std::string text;
  if (form == Form::yaml) {
    text = "peers:\n";
    for (unsigned node = 0; node < 2; ++node)
      text += fmt::format("  - peer: {}\n    host: {}\n    port: {}\n", node,
                          follower.found() ? host_of(nodes[node]) : "",
                          follower.found() ? nodes[node].end.port : 0);
    return text + "packets:\n";
  }
  text = fmt::format("\n{}Follow: {},{}\nFilter: {}\n", line, protocol_of(chosen), name_of(form),
                     chosen.filter());
  for (unsigned node = 0; node < 2; ++node) {
    const Node& it = nodes[node];
    if (!follower.found())
      text += fmt::format("Node {}: :0\n", node);
    else
      text +=
          fmt::format("Node {}: {}\n", node,
                      it.link_address.empty() ? to_string(it.end)
                                              : fmt::format("{}:{}", it.link_address, it.end.port));
  }
  return text;
}

std::string_view foot_of(Form form) { return form == Form::yaml ? std::string_view{} : line; }

std::string line_of(const Said& said, u32 stream) {
  JsonLine line{"stats.said"};
  line.number("stream", stream).number("node", said.node);
  line.number("bytes", said.bytes.size()).text("text", said.bytes);
  line.number("packet", said.stamp.packet);
  if (said.stamp.time != no_time) line.seconds("time", said.stamp.time);
  return std::move(line.line());
}

std::optional<Endpoint> endpoint_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return {};
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = parse_address(host);
  const auto port = parse_port(text.substr(colon + 1));
  if (!address || !port) return {};
  return Endpoint{*address, *port};
}

}  // namespace trama::stats
