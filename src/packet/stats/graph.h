// The points of a graph of one conversation: round trip times, throughput, sequence numbers, or
// bytes in flight against the window. Bounded: of very many points every second one is left out,
// again and again; throughput is counted in intervals that grow.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "packet/output/output.h"

namespace trama::stats {

enum class GraphKind : u8 { rtt, throughput, sequence, window };
std::optional<GraphKind> graph_named(std::string_view name);
std::string_view name_of(GraphKind kind);

// Points of one kind, by time.
class Points {
 public:
  struct Point {
    i64 time;  // nanoseconds since the capture's first packet
    u64 value;
  };
  void add(const Point& point);
  [[nodiscard]] const std::vector<Point>& all() const { return points_; }

 private:
  static constexpr std::size_t most = 1U << 18;
  std::vector<Point> points_;
  u64 seen_ = 0, every_ = 1;
};

// Bytes by interval of time; the interval grows tenfold when there are too many.
class Rates {
 public:
  static constexpr i64 shortest = 1'000'000;  // nanoseconds
  void add(i64 time, u64 bytes);
  [[nodiscard]] i64 interval() const { return interval_; }
  [[nodiscard]] i64 first() const { return first_; }
  [[nodiscard]] const std::vector<u64>& bytes() const { return bytes_; }

 private:
  static constexpr std::size_t most = 20'000;
  i64 first_ = no_time, interval_ = shortest;
  std::vector<u64> bytes_;
};

// What one packet adds to a graph.
struct Sample {
  bool by_client = false;  // whose data it is about
  bool again = false;      // sequence: sent before
  bool limit = false;      // window: what the peer allows, not what is in flight
  u64 value = 0;           // nanoseconds, bytes
};
// Up to two of them.
std::vector<Sample> samples_of(GraphKind kind, const flow::Step& step);

}  // namespace trama::stats
