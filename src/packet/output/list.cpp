// The packet list: one line a packet, aligned as tshark's default list.
#include "packet/output/columns.h"

namespace trama::output {
namespace {

Colour colour_of(const Shown& shown) {
  using namespace flow;  // NOLINT: the notes' names
  if (shown.step == nullptr) return Colour::plain;
  if (shown.step->icmp ||
      (!shown.step->icmp && shown.step->conversation->tcp && shown.step->segment.has(TcpFlag::rst)))
    return Colour::red;
  if (shown.step->noted(retransmission | out_of_order | gap_before | duplicate_ack | zero_window))
    return Colour::yellow;
  if (!shown.step->conversation->tcp) return Colour::cyan;
  return shown.step->segment.has(TcpFlag::syn | TcpFlag::fin) ? Colour::green : Colour::plain;
}

class List final : public Output {
 public:
  explicit List(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] bool only_columns() const override { return true; }

  void show(const Shown& shown, Out& out) override {
    line_ = fmt::format("{:>5} ", shown.packet.number);
    part([&](std::string& text) { append_time(text, shown, settings_.time); });
    line_ += padded_left(part_, 10) + ' ';
    part([&](std::string& text) { append_source(text, shown.tree); });
    line_ += padded_left(part_, 12);
    line_ += " → ";
    part([&](std::string& text) { append_destination(text, shown.tree); });
    line_ += padded(part_, 12);
    fmt::format_to(std::back_inserter(line_), " {} {} ", protocol_of(shown), shown.packet.wire);
    part([&](std::string& text) { append_info(text, shown); });
    line_ += harmless(part_);
    while (line_.ends_with(' ')) line_.pop_back();
    if (shown.colours.empty())
      out.write(settings_.terminal.paint(colour_of(shown), settings_.terminal.spell(line_)));
    else
      out.print("{}{}\x1b[0m", shown.colours, settings_.terminal.spell(line_));
    out.write("\n");
  }

 private:
  template <class Write>
  void part(Write&& write) {
    part_.clear();
    write(part_);
  }

  Settings settings_;
  std::string line_, part_;
};

}  // namespace

std::unique_ptr<Output> make_list(const Settings& settings) {
  return std::make_unique<List>(settings);
}

}  // namespace trama::output
