// The packet list: one line a packet, aligned as tshark's default list.
#include <algorithm>
#include <array>

#include "packet/dissect/value.h"
#include "packet/output/columns.h"
#include "packet/output/marked.h"

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
    const bool plain = settings_.terminal.utf8 && !settings_.terminal.colour;
    if (plain && shown.colours.empty() && marks_tell(shown)) return show_marked(shown, out);
    line_.clear();
    right(5, [&] { dissect::append_number(line_, shown.packet.number); });
    line_ += ' ';
    right(10, [&] { append_time(line_, shown, settings_.time); });
    line_ += ' ';
    right(12, [&] { append_source(line_, shown); });
    line_ += " → ";
    const std::size_t start = line_.size();
    append_destination(line_, shown);
    if (const std::size_t taken = line_.size() - start; taken < 12) line_.append(12 - taken, ' ');
    line_ += ' ';
    append_protocol(line_, shown);
    line_ += ' ';
    dissect::append_number(line_, shown.packet.wire);
    line_ += ' ';
    info(shown);
    trim_line();
    if (!shown.colours.empty()) {
      out.print("{}{}\x1b[0m\n", shown.colours, settings_.terminal.spell(line_));
    } else if (settings_.terminal.colour || !settings_.terminal.utf8) {
      out.write(settings_.terminal.paint(colour_of(shown), settings_.terminal.spell(line_)));
      out.write("\n");
    } else {
      line_ += '\n';
      out.write(line_);
    }
  }

 private:
  // The frequent line: text and numbers of known length, into memory with room for all of them.
  // What messages told may be of any length, and is the network's: made harmless first.
  void show_marked(const Shown& shown, Out& out) {
    char number[24];
    char* at =
        put_right(room_.data(), {number, dissect::write_number(number, shown.packet.number)}, 5);
    *at++ = ' ';
    at = put_time(at, shown);
    *at++ = ' ';
    char address[46];
    at = put_right(at, {address, write_marked_source(address, shown.packet)}, 12);
    at = put(at, " → ");
    char* const start = at;
    at = write_marked_destination(at, shown.packet);
    while (at < start + 12) *at++ = ' ';
    *at++ = ' ';
    const bool named = shown.told != nullptr && !shown.told->protocol.empty();
    at = put(at, named ? shown.told->protocol : marked_protocol(shown.packet));
    *at++ = ' ';
    at = dissect::write_number(at, shown.packet.wire);
    *at++ = ' ';
    const parse::Told* told = shown.told;
    const bool from_network = told != nullptr && (told->cleared || !told->info.empty());
    if (from_network || !marks_tell_info(shown)) {
      line_.assign(room_.data(), at);
      info(shown);
      trim_line();
      line_ += '\n';
      return out.write(line_);
    }
    const bool segment = shown.step->segment.tcp && told != nullptr;
    if (segment) at = put(at, told->ahead);
    if (shown.step->analysis.found != 0) {
      line_.clear();
      append_findings(line_, shown);
      at = put(at, line_);
    }
    at = write_marked_info(at, shown);
    if (segment) {
      if (told->unfinished) at = put(at, segment_of_a_message);
      at = put(at, told->remark);
    }
    *at++ = '\n';
    out.write({room_.data(), at});
  }

  void trim_line() {
    while (line_.ends_with(' ')) line_.pop_back();
  }

  char* put_time(char* at, const Shown& shown) {
    if (settings_.time == TimeFormat::relative) {
      char text[48];
      const char* const end = dissect::write_seconds(text, shown.packet.since_first);
      return put_right(at, {text, end - time_digits_cut(shown)}, 10);
    }
    line_.clear();
    append_time(line_, shown, settings_.time);
    return put_right(at, line_, 10);
  }

  static char* put(char* at, std::string_view text) {
    return std::copy(text.begin(), text.end(), at);
  }
  static char* put_right(char* at, std::string_view text, std::size_t columns) {
    for (std::size_t i = text.size(); i < columns; ++i) *at++ = ' ';
    return put(at, text);
  }

  // Numbers and addresses, which are ASCII, up to the right edge of so many columns.
  template <class Write>
  void right(std::size_t columns, Write&& write) {
    const std::size_t start = line_.size();
    write();
    const std::size_t taken = line_.size() - start;
    if (taken < columns) line_.insert(start, columns - taken, ' ');
  }

  void info(const Shown& shown) {
    const bool from_network = shown.told != nullptr && shown.told->changes_info();
    if (!from_network && marks_tell(shown)) return append_info(line_, shown);
    info_.clear();
    append_info(info_, shown);
    append_harmless(line_, info_);
  }

  Settings settings_;
  std::string line_, info_;
  std::array<char, 2 * most_info> room_;  // columns, findings (under 700 bytes), info
};

}  // namespace

std::unique_ptr<Output> make_list(const Settings& settings) {
  return std::make_unique<List>(settings);
}

}  // namespace trama::output
