// -z conv and -z endpoints: who exchanged how much with whom, the most talkative first.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/json.h"
#include "packet/stats/pairs.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

constexpr std::string_view line =
    "================================================================================\n";

// tshark's short sizes: "4740 bytes", and from ten thousand on "10 kB", cut, not rounded.
std::string short_size(u64 bytes) {
  constexpr u64 thousand = 1000;
  constexpr std::string_view units[] = {" bytes", " kB", " MB", " GB", " TB"};
  unsigned unit = 0;
  while (bytes / thousand >= 10 && unit + 1 < std::size(units)) {
    bytes /= thousand;
    ++unit;
  }
  return fmt::format("{}{}", bytes, units[unit]);
}

double in_seconds(i64 nanoseconds) {  // as tshark adds them, digit for digit
  constexpr i64 second = 1'000'000'000;
  const i64 whole = nanoseconds / second;
  return static_cast<double>(whole) + static_cast<double>(nanoseconds % second) / 1e9;
}

std::string_view filter_text(const Choice& choice) {
  return choice.text.empty() ? std::string_view{"<No Filter>"} : choice.text;
}

class Conversations final : public Report {
 public:
  Conversations(PairKind kind, Choice choice) : kind_(kind), choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override {
    return has_ports(kind_) ? std::max(wire::Stage::flow, choice_.stage()) : choice_.stage();
  }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    pairs_of(kind_, shown, pairs_);
    for (const Pair& pair : pairs_) count(pair, shown.packet);
  }

  void end(Out& out, bool json) override {
    std::vector<const Talk*> sorted;
    for (const Talk& talk : talks_) sorted.push_back(&talk);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Talk* a, const Talk* b) {
      return a->frames[0] + a->frames[1] > b->frames[0] + b->frames[1];
    });
    if (json) return end_json(sorted, out);
    const int wide = has_ports(kind_) ? 59 : 47;
    out.print("{}{} Conversations\nFilter:{}\n", line, title_of(kind_), filter_text(choice_));
    out.print(
        "{:{}}|       <-      | |       ->      | |     Total     |    Relative    |   "
        "Duration   |\n",
        "", wide);
    out.print(
        "{:{}}| Frames  Bytes | | Frames  Bytes | | Frames  Bytes |      Start     |       "
        "       |\n",
        "", wide);
    const auto side = [](u64 frames, u64 bytes) {
      return fmt::format("{:>6} {:<12}", frames, short_size(bytes));
    };
    for (const Talk* talk : sorted) {
      const auto& [first, second] = talk->ends;
      out.print("{:<20} <-> {:<20} {} {} {} {:14.9f}   {:12.4f}\n", text_of(first), text_of(second),
                side(talk->frames[1], talk->bytes[1]), side(talk->frames[0], talk->bytes[0]),
                side(talk->frames[0] + talk->frames[1], talk->bytes[0] + talk->bytes[1]),
                in_seconds(talk->start), in_seconds(talk->stop) - in_seconds(talk->start));
    }
    out.write(line);
  }

 private:
  struct Talk {
    Place ends[2];  // the first packet went from the first to the second
    u64 frames[2] = {}, bytes[2] = {};
    i64 start = 0, stop = 0;  // since the capture's first packet
  };
  struct Key {
    Place low, high;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      const PlaceHash hash;
      return hash(key.low) + 3 * hash(key.high);
    }
  };

  static bool below(const Place& a, const Place& b) {
    return std::tie(a.bytes, a.port) < std::tie(b.bytes, b.port);
  }

  // Where the talk of these two stands in talks_; where it is new, its place.
  std::size_t place_of(const Pair& pair) {
    if (pair.stream == ~0U) {
      const bool swapped = below(pair.to, pair.from);
      return known_
          .try_emplace({swapped ? pair.to : pair.from, swapped ? pair.from : pair.to},
                       talks_.size())
          .first->second;
    }
    if (pair.stream >= by_stream_.size()) by_stream_.resize(pair.stream + 1, none);
    auto& place = by_stream_[pair.stream];
    if (place == none) place = talks_.size();
    return place;
  }

  void count(const Pair& pair, const Packet& packet) {
    const std::size_t place = place_of(pair);
    if (place == talks_.size()) {
      talks_.push_back({
          {pair.from, pair.to}
      });
      talks_.back().start = talks_.back().stop = packet.since_first;
    }
    Talk& talk = talks_[place];
    const unsigned side = talk.ends[0] == pair.from ? 0 : 1;
    ++talk.frames[side];
    talk.bytes[side] += packet.wire;
    talk.start = std::min(talk.start, packet.since_first);
    talk.stop = std::max(talk.stop, packet.since_first);
  }

  [[nodiscard]] std::string text_of(const Place& place) const {
    return has_ports(kind_) ? fmt::format("{}:{}", address_text(place), place.port)
                            : address_text(place);
  }

  void end_json(const std::vector<const Talk*>& sorted, Out& out) const {
    for (const Talk* talk : sorted) {
      JsonLine row{"stats.conversation"};
      row.text("protocol", kind_ == PairKind::eth ? "eth" : title_of(kind_));
      row.text("a", address_text(talk->ends[0])).text("b", address_text(talk->ends[1]));
      if (has_ports(kind_))
        row.number("a_port", talk->ends[0].port).number("b_port", talk->ends[1].port);
      row.number("frames_ab", talk->frames[0]).number("bytes_ab", talk->bytes[0]);
      row.number("frames_ba", talk->frames[1]).number("bytes_ba", talk->bytes[1]);
      row.seconds("start", talk->start).seconds("duration", talk->stop - talk->start);
      out.write(row.line());
    }
  }

  PairKind kind_;
  Choice choice_;
  std::vector<Pair> pairs_;
  std::vector<Talk> talks_;
  static constexpr std::size_t none = ~std::size_t{0};
  boost::unordered_flat_map<Key, std::size_t, KeyHash> known_;  // those without a stream
  std::vector<std::size_t> by_stream_;
};

class Endpoints final : public Report {
 public:
  Endpoints(PairKind kind, Choice choice) : kind_(kind), choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override { return choice_.stage(); }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    pairs_of(kind_, shown, pairs_);
    for (const Pair& pair : pairs_) {
      count(pair.from, 0, shown.packet.wire);
      count(pair.to, 1, shown.packet.wire);
    }
  }

  void end(Out& out, bool json) override {
    std::stable_sort(ends_.begin(), ends_.end(), [](const End& a, const End& b) {
      return a.frames[0] + a.frames[1] > b.frames[0] + b.frames[1];
    });
    if (json) {
      for (const End& end : ends_) {
        JsonLine row{"stats.endpoint"};
        row.text("protocol", kind_ == PairKind::eth ? "eth" : title_of(kind_));
        row.text("address", address_text(end.place));
        if (has_ports(kind_)) row.number("port", end.place.port);
        row.number("frames_sent", end.frames[0]).number("bytes_sent", end.bytes[0]);
        row.number("frames_received", end.frames[1]).number("bytes_received", end.bytes[1]);
        out.write(row.line());
      }
      return;
    }
    out.print("{}{} Endpoints\nFilter:{}\n", line, title_of(kind_), filter_text(choice_));
    out.print(
        "                       |{}  Packets  | |  Bytes  | | Tx Packets | | Tx Bytes | | Rx "
        "Packets | | Rx Bytes |\n",
        has_ports(kind_) ? "  Port  ||" : "");
    for (const End& end : ends_) {
      out.print("{:<20} ", address_text(end.place));
      if (has_ports(kind_)) out.print("{:>10} ", end.place.port);
      out.print("{:>10}    {:>10}     {:>6}    {:>10}      {:>6}    {:>10}   \n",
                end.frames[0] + end.frames[1], end.bytes[0] + end.bytes[1], end.frames[0],
                end.bytes[0], end.frames[1], end.bytes[1]);
    }
    out.write(line);
  }

 private:
  struct End {
    Place place;
    u64 frames[2] = {}, bytes[2] = {};  // sent, received
  };

  void count(const Place& place, unsigned side, u32 bytes) {
    const auto [at, added] = known_.try_emplace(place, ends_.size());
    if (added) ends_.push_back({place});
    ++ends_[at->second].frames[side];
    ends_[at->second].bytes[side] += bytes;
  }

  PairKind kind_;
  Choice choice_;
  std::vector<Pair> pairs_;
  std::vector<End> ends_;
  boost::unordered_flat_map<Place, std::size_t, PlaceHash> known_;
};

template <class Made>
Result<std::unique_ptr<Report>> make(std::string_view kind, std::string_view rest) {
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Made>(pair_kind(kind), std::move(*choice));
}

}  // namespace

Result<std::unique_ptr<Report>> make_conversations(std::string_view kind, std::string_view rest) {
  return make<Conversations>(kind, rest);
}

Result<std::unique_ptr<Report>> make_endpoints(std::string_view kind, std::string_view rest) {
  return make<Endpoints>(kind, rest);
}

}  // namespace trama::stats
