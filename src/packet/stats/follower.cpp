#include "packet/stats/follower.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/json.h"

namespace trama::stats {
namespace {

constexpr std::string_view line =
    "===================================================================\n";

std::string_view protocol_of(const Chosen& chosen) { return chosen.tcp ? "tcp" : "udp"; }

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

void Follower::add(const output::Shown& shown) {
  const flow::Step* step = shown.step;
  if (step == nullptr || step->icmp) return;
  if (step->conversation->tcp == chosen_.tcp)
    streams_ = std::max<u64>(streams_, u64{step->stream} + 1);
  if (!chosen_.takes(*step)) return;
  const flow::Segment& segment = step->segment;
  if (!found_) nodes_ = {segment.from, segment.to};
  if (!found_ || stream_ != step->stream)
    assembly_ =
        std::make_unique<Assembly>([this](unsigned side, std::string_view bytes,
                                          const Stamp& stamp) { take(side, bytes, stamp); });
  found_ = true;
  stream_ = step->stream;
  const unsigned side = segment.from == nodes_[0] ? 0 : 1;
  const std::string_view bytes{reinterpret_cast<const char*>(segment.payload.data()),
                               segment.payload.size()};
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
                          follower.found() ? to_string(nodes[node].address) : "",
                          follower.found() ? nodes[node].port : 0);
    return text + "packets:\n";
  }
  text = fmt::format("\n{}Follow: {},{}\nFilter: {}\n", line, protocol_of(chosen), name_of(form),
                     chosen.filter());
  for (unsigned node = 0; node < 2; ++node) {
    const Endpoint& end = nodes[node];
    text += fmt::format("Node {}: {}\n", node,
                        !follower.found() ? ":0"
                        : end.address.v6  ? fmt::format("[{}]:{}", to_string(end.address), end.port)
                                          : to_string(end));
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
