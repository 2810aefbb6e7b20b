// -z conv: who exchanged how much with whom, the most talkative first.
#include <algorithm>

#include "base/json.h"
#include "packet/dissect/value.h"
#include "packet/stats/pairs.h"
#include "packet/stats/report.h"
#include "packet/stats/talks.h"

namespace trama::stats {
namespace {

// A row is put together by hand: a capture may have hundreds of thousands, and taking formats apart
// for each would take longer than counting did.
struct Row {
  std::string text;

  void left(std::string_view value, std::size_t columns) {
    text += value;
    if (value.size() < columns) text.append(columns - value.size(), ' ');
  }
  void right(std::string_view value, std::size_t columns) {
    if (value.size() < columns) text.append(columns - value.size(), ' ');
    text += value;
  }
  void right(u64 value, std::size_t columns) {
    char digits[24];
    right({digits, dissect::write_number(digits, value)}, columns);
  }
};

// tshark's short sizes: "4740 bytes", and from ten thousand on "10 kB", cut, not rounded.
std::string short_size(u64 bytes) {
  constexpr u64 thousand = 1000;
  constexpr std::string_view units[] = {" bytes", " kB", " MB", " GB", " TB"};
  unsigned unit = 0;
  while (bytes / thousand >= 10 && unit + 1 < std::size(units)) {
    bytes /= thousand;
    ++unit;
  }
  std::string text;
  dissect::append_number(text, bytes);
  return text.append(units[unit]);
}

constexpr i64 second = 1'000'000'000;

double in_seconds(i64 nanoseconds) {  // as tshark adds them, digit for digit
  const i64 whole = nanoseconds / second;
  return static_cast<double>(whole) + static_cast<double>(nanoseconds % second) / 1e9;
}

// With nine places behind the point. So far a double has all of them.
void append_start(Row& row, i64 nanoseconds) {
  constexpr i64 exact = second << 22;
  if (nanoseconds < 0 || nanoseconds >= exact) {
    fmt::format_to(std::back_inserter(row.text), "{:14.9f}", in_seconds(nanoseconds));
    return;
  }
  char digits[48];
  row.right({digits, dissect::write_seconds(digits, nanoseconds)}, 14);
}

// With four places, rounded as the double rounds; by hand where that is beyond doubt.
void append_duration(Row& row, i64 start, i64 stop) {
  const i64 nanoseconds = stop - start;
  constexpr i64 unit = second / 10'000;
  const i64 rest = nanoseconds % unit;
  const bool near_half = rest > unit / 2 - 1000 && rest < unit / 2 + 1000;
  if (start < 0 || nanoseconds < 0 || stop >= second << 22 || near_half) {
    fmt::format_to(std::back_inserter(row.text), "{:12.4f}", in_seconds(stop) - in_seconds(start));
    return;
  }
  const i64 rounded = (nanoseconds + unit / 2) / unit * unit;
  char digits[48];
  const char* end = dissect::write_seconds(digits, rounded);
  row.right({digits, end - 5}, 12);
}

class Conversations final : public Report {
 public:
  Conversations(PairKind kind, Choice choice) : kind_(kind), choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override {
    return has_ports(kind_) ? std::max(wire::Stage::streams, choice_.stage()) : choice_.stage();
  }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    pairs_of(kind_, shown, pairs_);
    for (const Pair& pair : pairs_) talks_.add(pair, shown.packet);
  }

  void end(Out& out, bool json) override {
    const auto sorted = talks_.sorted();
    if (json) return end_json(sorted, out);
    const int wide = has_ports(kind_) ? 59 : 47;
    out.print("{}{} Conversations\nFilter:{}\n", report_line, title_of(kind_), choice_.shown());
    out.print(
        "{:{}}|       <-      | |       ->      | |     Total     |    Relative    |   "
        "Duration   |\n",
        "", wide);
    out.print(
        "{:{}}| Frames  Bytes | | Frames  Bytes | | Frames  Bytes |      Start     |       "
        "       |\n",
        "", wide);
    Row row;
    for (const Talk* talk : sorted) {
      row.text.clear();
      append(row, *talk);
      out.write(row.text);
    }
    out.write(report_line);
  }

 private:
  void append(Row& row, const Talk& talk) const {
    const auto& [first, second] = talks_.ends(talk);
    row.left(text_of(first), 20);
    row.text += " <-> ";
    row.left(text_of(second), 20);
    const auto side = [&](u64 frames, u64 bytes) {
      row.text += ' ';
      row.right(frames, 6);
      row.text += ' ';
      row.left(short_size(bytes), 12);
    };
    side(talk.frames[1], talk.bytes[1]);
    side(talk.frames[0], talk.bytes[0]);
    side(talk.frames[0] + talk.frames[1], talk.bytes[0] + talk.bytes[1]);
    row.text += ' ';
    append_start(row, talk.start);
    row.text += "   ";
    append_duration(row, talk.start, talk.stop);
    row.text += '\n';
  }
  [[nodiscard]] std::string text_of(const Place& place) const {
    std::string text = address_text(place);
    if (!has_ports(kind_)) return text;
    text += ':';
    dissect::append_number(text, place.port);
    return text;
  }

  void end_json(const std::vector<const Talk*>& sorted, Out& out) const {
    for (const Talk* talk : sorted) {
      const auto& [first, second] = talks_.ends(*talk);
      JsonLine row{"stats.conversation"};
      row.text("protocol", kind_ == PairKind::eth ? "eth" : title_of(kind_));
      row.text("a", address_text(first)).text("b", address_text(second));
      if (has_ports(kind_)) row.number("a_port", first.port).number("b_port", second.port);
      row.number("frames_ab", talk->frames[0]).number("bytes_ab", talk->bytes[0]);
      row.number("frames_ba", talk->frames[1]).number("bytes_ba", talk->bytes[1]);
      row.seconds("start", talk->start).seconds("duration", talk->stop - talk->start);
      out.write(row.line());
    }
  }

  PairKind kind_;
  Choice choice_;
  std::vector<Pair> pairs_;
  Talks talks_;
};

}  // namespace

Result<std::unique_ptr<Report>> make_conversations(std::string_view kind, std::string_view rest) {
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Conversations>(pair_kind(kind), std::move(*choice));
}

}  // namespace trama::stats
