// What a report tells of a capture, collected in one pass: stories, the numbers behind them, points
// for graphs, and some packets layer by layer. Bounded, whatever the capture holds.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "packet/output/output.h"
#include "packet/story/diagnosis.h"

namespace trama::report {

// At most `most` points of a graph: when more come, every second is dropped and the pace halves.
class Curve {
 public:
  static constexpr std::size_t most = 1000;
  struct Point {
    i64 time = 0;  // nanoseconds since the capture's first packet
    double value = 0;
    bool marked = false;  // sent again; kept in any case
  };
  void add(i64 time, double value, bool marked = false);
  [[nodiscard]] const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
  u64 seen_ = 0, every_ = 1;
};

// Bytes over time in 64 equal intervals: when the capture outgrows them, pairs become one.
struct Timeline {
  static constexpr unsigned count = 64;
  std::array<u64, count> tcp{}, udp{};
  i64 width = 1'000'000;                       // nanoseconds of one interval
  void add(i64 time, bool is_tcp, u64 bytes);  // time: since the capture's first packet
};

// Packet numbers, the first few.
struct Numbers {
  static constexpr std::size_t most = 8;
  std::vector<u64> first;
  u64 count = 0;
  void add(u64 number) {
    ++count;
    if (first.size() < most) first.push_back(number);
  }
};

struct Conversation {
  static constexpr std::size_t most_findings = 3;
  const story::Story* story = nullptr;
  std::vector<story::Finding> findings;  // what went wrong, the most important first
  // TCP's opening: packet numbers, 0 where not seen, and each end's initial sequence number.
  u64 syn = 0, syn_ack = 0, third = 0;
  u32 client_isn = 0, server_isn = 0;
  Numbers pushes, bare_acks, resets;
  u64 fin[2] = {0, 0};       // by the client, by the server
  u64 first_data = 0;        // the first packet with payload, and ...
  u64 packets_before = 0;    // ... how many went before it
  u64 wire_bytes = 0;        // frames with all their headers
  u32 transport_header = 0;  // of the first packet with payload, bytes
  Curve sequence[2];         // bytes so far, by the client, by the server
  bool drawn = false;        // one of the first: it has curves
  Curve rtt;                 // milliseconds
};

// One field of a layer, as text.
struct Detail {
  std::string word, value, meaning;
};
struct Layer {
  std::string word, name;
  unsigned osi = 0;
  u32 at = 0, header = 0, size = 0;  // bytes in the packet: where, without and with the payload
  std::vector<Detail> details;
};
struct Anatomy {
  u64 number = 0;
  u32 size = 0;  // captured
  std::vector<Layer> layers;
  std::vector<u8> bytes;  // the first ones
};

// Conversations that are told packet by packet, with graphs: of the others numbers are kept only.
inline constexpr std::size_t most_ladders = 12;

struct Settings {
  bool redact = false;  // no addresses, no payload
};

class Facts {
 public:
  static constexpr std::size_t most_anatomies = 120, most_bytes = 256, most_details = 40;

  explicit Facts(Settings settings) : settings_(settings) {}

  void add(const output::Shown& shown);
  // What the kernel said of both ends when packet `number` had passed; an empty name: nothing.
  struct Seen {
    std::string client, server;
  };
  void saw_kernel(u64 number, Seen seen) { seen_[number] = std::move(seen); }
  // After the last packet.
  void end();

  [[nodiscard]] std::vector<const Conversation*> conversations() const;
  [[nodiscard]] const Anatomy* anatomy(u64 number) const;
  // The first packet of a transport ("tcp", "udp") that carries payload and whose layers are kept.
  [[nodiscard]] const Anatomy* sample(bool tcp) const;
  // An end as the report names it.
  [[nodiscard]] std::string name(const Endpoint& end) const;

  u64 packets = 0, bytes = 0, others = 0;  // others: of no conversation
  i64 first = no_time, last = no_time;
  std::map<std::string_view, u64> protocols;  // header's word -> packets
  Timeline timeline;                          // of TCP's and UDP's frames
  [[nodiscard]] u64 left_out() const { return book_.left_out(); }

 private:
  void count(Conversation& conversation, const output::Shown& shown, const story::Story& story);
  void keep_layers(const output::Shown& shown);
  [[nodiscard]] std::string host(const Address& address) const;

  Settings settings_;
  story::Book book_;
  std::map<const story::Story*, Conversation> by_story_;
  std::map<u64, Anatomy> anatomies_;
  std::map<u64, Seen> seen_;
  u64 samples_[2] = {0, 0};                             // UDP's, TCP's
  mutable std::map<std::string, std::string> aliases_;  // address -> "host-1"
};

}  // namespace trama::report
