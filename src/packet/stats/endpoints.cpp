// -z endpoints: what each address sent and received, the most talkative first.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/json.h"
#include "packet/stats/pairs.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

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
    out.print("{}{} Endpoints\nFilter:{}\n", report_line, title_of(kind_), choice_.shown());
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
    out.write(report_line);
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

}  // namespace

Result<std::unique_ptr<Report>> make_endpoints(std::string_view kind, std::string_view rest) {
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Endpoints>(pair_kind(kind), std::move(*choice));
}

}  // namespace trama::stats
