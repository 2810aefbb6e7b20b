// -z io,phs: the tree of protocols, each with the packets and bytes that have it there. As in
// tshark these are what a packet's details show at their first level, one inside the other: not
// what ICMP quotes, nor TLS inside QUIC; but some fields and remarks that stand there, too.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "packet/stats/report.h"
#include "wire/protocols/tcp.h"
#include "wire/protocols/wlan.h"

namespace trama::stats {
namespace {

// Layers that stand inside another's: below it nothing is told.
bool nests(std::string_view word) {
  constexpr std::string_view all[] = {"icmp", "icmpv6", "quic",           "sip",        "megaco",
                                      "stun", "imf",    "mime_multipart", "db-lsp-disc"};
  return std::find(std::begin(all), std::end(all), word) != std::end(all);
}

// Fields that stand beside their layer.
bool stands_alone(std::string_view word) {
  constexpr std::string_view all[] = {
      "ftp.current-working-directory", "ftp-data.setup-frame",
      "ftp-data.setup-method",         "ftp-data.command",
      "ftp-data.command-frame",        "ftp-data.current-working-directory"};
  return std::find(std::begin(all), std::end(all), word) != std::end(all);
}

// What stands at the first level of a packet's details, in order.
class FirstLevel {
 public:
  explicit FirstLevel(std::vector<std::string_view>& words) : words_(words) {}

  void read(const output::Shown& shown) {
    const dissect::Tree& tree = shown.tree;
    bool segments = tree.find(wire::in(wire::tcp_found, "tcp.segment")) != nullptr;
    bool behind_tcp = false;
    bool nested = false;
    bool behind_v6 = false;
    std::string_view outer;  // that nests
    for (std::size_t i = 1; i < tree.layers().size(); ++i) {
      const dissect::Layer& layer = tree.layers()[i];
      const auto word = layer.header->word;
      if (word == "ip") behind_v6 = false;
      if (word == "ipv6") behind_v6 = true;
      if (behind_v6 && word.starts_with("ipv6.")) continue;  // they belong to IPv6's own layer
      nested = !outer.empty();
      if (nested) {
        // What a quoted datagram of UDP carries stands at the first level again.
        const bool quoted = outer.starts_with("icmp");
        if (quoted && word == "udp") outer = {};
        if (quoted || word != outer) continue;
        nested = false;
      }
      // Messages that were put together stand in no packet; those that follow do.
      if (segments && behind_tcp && stands_in(layer, shown.packet))
        if (std::exchange(segments, false)) words_.emplace_back("tcp.segments");
      behind_tcp |= word == "tcp";
      if (layer.cut && starts_late(layer)) break;
      // Lines of a mail that is not whole stand inside SMTP's own.
      if (word == "data-text-lines" && !words_.empty() && words_.back() == "smtp") continue;
      add(tree, i, word);
      if (nests(word)) outer = word;
    }
    if (segments) words_.emplace_back("tcp.segments");
    add_remark(shown, !nested && tree.layers().back().cut);
  }

 private:
  static bool stands_in(const dissect::Layer& layer, const Packet& packet) {
    return layer.data >= packet.data && layer.data < packet.data + packet.captured;
  }
  // tshark reads these before it tells of the layer.
  static bool starts_late(const dissect::Layer& layer) {
    const auto word = layer.header->word;
    return word == "eth" || ((word == "tcp" || word == "udp") && layer.length < 4);
  }
  // The layer, and its fields that stand beside it. A datagram holds several packets of QUIC, in
  // one layer of ours.
  void add(const dissect::Tree& tree, std::size_t layer, std::string_view word) {
    if (word == "wlan") return add_wireless(tree, layer);
    if (word == "pwethheuristic") word = "pweth.cw";  // as it calls what it found
    words_.push_back(word);
    const bool quic = word == "quic";
    if (!quic && !word.starts_with("ftp")) return;
    bool first = true;
    for (const dissect::Row& row : tree.rows()) {
      if (row.layer != layer) continue;
      if (stands_alone(row.field->word)) words_.push_back(row.field->word);
      if (quic && row.field->word == "quic.header_form" && !std::exchange(first, false))
        words_.push_back(word);
    }
  }

  // What was measured of the frame on the air, before it; what a management frame says, behind it.
  void add_wireless(const dissect::Tree& tree, std::size_t layer) {
    if (layer > 1) words_.emplace_back("wlan_radio");
    words_.emplace_back("wlan");
    u64 type = 1;
    u64 secret = 0;
    for (const dissect::Row& row : tree.rows()) {
      if (row.layer != layer) continue;
      if (row.field == &wire::in(wire::wlan_found, "wlan.fc.type")) type = row.value;
      if (row.field == &wire::in(wire::wlan_found, "wlan.fc.protected")) secret = row.value;
    }
    if (type == 0 && secret == 0 && !tree.layers()[layer].cut) words_.emplace_back("wlan.mgt");
  }

  // Why the packet's reading ended: its bytes, or those that were captured, were too few.
  void add_remark(const output::Shown& shown, bool cut) {
    const std::string_view remark = shown.told != nullptr ? shown.told->remark : "";
    const bool limited = shown.packet.captured < shown.packet.wire;
    if (remark == "[Malformed Packet]" || remark.starts_with("[Reassembly error") ||
        (cut && !limited))
      words_.emplace_back("_ws.malformed");
    if (remark == "[Packet size limited during capture]" || (cut && limited))
      words_.emplace_back("_ws.short");
  }

  std::vector<std::string_view>& words_;
};

class Hierarchy final : public Report {
 public:
  explicit Hierarchy(Choice choice) : choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::parse; }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    words_.clear();
    FirstLevel{words_}.read(shown);
    std::size_t at = 0;
    for (const std::string_view word : words_) {
      at = inner_of(at, word);
      ++nodes_[at].frames;
      nodes_[at].bytes += shown.packet.wire;
    }
  }

  void end(Out& out, bool json) override {
    if (!json) {
      out.print(
          "\n===================================================================\n"
          "Protocol Hierarchy Statistics\nFilter: {}\n\n",
          choice_.text);
      print(0, 0, out);
      out.write("===================================================================\n");
      return;
    }
    print_json(0, {}, out);
  }

 private:
  static constexpr unsigned deepest = 16;  // that is shown where it stands

  struct Node {
    std::string_view word;  // of a header or field: lives as long as the program
    u64 frames = 0, bytes = 0;
    std::vector<std::size_t> inner = {};
  };

  std::size_t inner_of(std::size_t outer, std::string_view word) {
    for (const std::size_t node : nodes_[outer].inner)
      if (nodes_[node].word == word) return node;
    nodes_.push_back({word});
    nodes_[outer].inner.push_back(nodes_.size() - 1);
    return nodes_.size() - 1;
  }

  void print(std::size_t node, unsigned depth, Out& out) const {
    for (const std::size_t inner : nodes_[node].inner) {
      const Node& shown = nodes_[inner];
      const auto name = fmt::format("{:{}}{}{}", "", 2 * std::min(depth, deepest),
                                    depth > deepest ? "..." : "", shown.word);
      out.print("{:<40} frames:{} bytes:{}\n", name, shown.frames, shown.bytes);
      print(inner, depth + 1, out);
    }
  }

  void print_json(std::size_t node, const std::string& path, Out& out) const {
    for (const std::size_t inner : nodes_[node].inner) {
      const Node& shown = nodes_[inner];
      const std::string here = fmt::format("{}{}{}", path, path.empty() ? "" : ":", shown.word);
      JsonLine row{"stats.protocol"};
      row.text("path", here).text("protocol", shown.word);
      out.write(row.number("frames", shown.frames).number("bytes", shown.bytes).line());
      print_json(inner, here, out);
    }
  }

  Choice choice_;
  std::vector<std::string_view> words_;  // of the packet at hand
  std::vector<Node> nodes_{1};           // the first is the root
};

}  // namespace

Result<std::unique_ptr<Report>> make_hierarchy(std::string_view /*kind*/, std::string_view rest) {
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Hierarchy>(std::move(*choice));
}

}  // namespace trama::stats
