// -z io,phs: the tree of protocols, each with the packets and bytes that have it there.
#include <algorithm>

#include "base/json.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

class Hierarchy final : public Report {
 public:
  explicit Hierarchy(Choice choice) : choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::parse; }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    std::size_t at = 0;
    for (const dissect::Layer& layer : shown.tree.layers()) {
      const auto word = layer.header->word;
      // The frame is the root; IPv6's extension headers belong to its own layer.
      if (word == "frame" || word.starts_with("ipv6.")) continue;
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
  struct Node {
    std::string_view word;  // of a header: lives as long as the program
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
      out.print("{:{}}{:<{}} frames:{} bytes:{}\n", "", 2 * depth, shown.word,
                2 * depth < 40 ? 40 - 2 * depth : 0, shown.frames, shown.bytes);
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
  std::vector<Node> nodes_{1};  // the first is the root
};

}  // namespace

Result<std::unique_ptr<Report>> make_hierarchy(std::string_view /*kind*/, std::string_view rest) {
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Hierarchy>(std::move(*choice));
}

}  // namespace trama::stats
