#include "packet/stats/graph.h"

#include <algorithm>

namespace trama::stats {
namespace {
constexpr std::string_view names[] = {"rtt", "throughput", "sequence", "window"};
}

std::optional<GraphKind> graph_named(std::string_view name) {
  const auto* const at = std::find(std::begin(names), std::end(names), name);
  if (at == std::end(names)) return {};
  return static_cast<GraphKind>(at - std::begin(names));
}

std::string_view name_of(GraphKind kind) { return names[static_cast<unsigned>(kind)]; }

void Points::add(const Point& point) {
  if (seen_++ % every_ != 0) return;
  if (points_.size() >= most) {
    for (std::size_t i = 0; i < most / 2; ++i) points_[i] = points_[2 * i];
    points_.resize(most / 2);
    every_ *= 2;
  }
  points_.push_back(point);
}

void Rates::add(i64 time, u64 bytes) {
  constexpr i64 farthest = 2'000'000'000'000'000'000;  // 63 years: their difference is no overflow
  time = std::clamp(time, -farthest, farthest);
  if (first_ == no_time) first_ = time;
  // Packets before the first, in a capture that is not in order, count with it.
  const auto since = static_cast<u64>(std::max<i64>(0, time - first_));
  while (since / static_cast<u64>(interval_) >= most) {
    constexpr std::size_t tenfold = 10;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const u64 here = bytes_[i];
      bytes_[i] = 0;
      bytes_[i / tenfold] += here;
    }
    bytes_.resize((bytes_.size() + tenfold - 1) / tenfold);
    interval_ *= static_cast<i64>(tenfold);
  }
  const auto at = static_cast<std::size_t>(since / static_cast<u64>(interval_));
  if (bytes_.size() <= at) bytes_.resize(at + 1);
  bytes_[at] += bytes;
}

std::vector<Sample> samples_of(GraphKind kind, const flow::Step& step) {
  const bool by_client = step.from == step.conversation->client;
  const flow::Segment& segment = step.segment;
  std::vector<Sample> samples;
  switch (kind) {
    case GraphKind::rtt:  // told by the end that acknowledges, about the other's data
      if (step.analysis.acks_frame != 0 && step.analysis.ack_rtt > 0)
        samples.push_back({!by_client, false, false, static_cast<u64>(step.analysis.ack_rtt)});
      break;
    case GraphKind::throughput:
      if (segment.length > 0) samples.push_back({by_client, false, false, segment.length});
      break;
    case GraphKind::sequence:
      if (segment.space() > 0)
        samples.push_back(
            {by_client, step.found(flow::found::any_retransmission), false, step.seq});
      break;
    case GraphKind::window:
      if (step.analysis.bytes_in_flight > 0)
        samples.push_back({by_client, false, false, step.analysis.bytes_in_flight});
      if (!segment.has(flow::TcpFlag::rst) && segment.has(flow::TcpFlag::ack))
        samples.push_back({!by_client, false, true, step.window});
      break;
  }
  return samples;
}

}  // namespace trama::stats
