// -z follow: what both ends of one conversation said, as text or bytes. The first packet's sender
// is node 0; the other end's words are indented.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/say.h"
#include "packet/dissect/value.h"
#include "packet/stats/assembly.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

enum class Form : u8 { ascii, hex, raw };

constexpr std::string_view line =
    "===================================================================\n";
// What is held until the end, where other reports are printed first; then it is cut.
constexpr std::size_t most_held = std::size_t{256} << 20;

struct Wanted {
  bool tcp = true;
  Form form = Form::ascii;
  u32 stream = 0;
  u32 first = 1, last = ~0U;  // which pieces, from 1
};

class Follow final : public Report {
 public:
  explicit Follow(const Wanted& wanted)
      : wanted_(wanted),
        assembly_([this](unsigned side, std::string_view bytes) { take(side, bytes); }) {}

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::flow; }

  void add(const output::Shown& shown) override {
    const flow::Step* step = shown.step;
    if (step == nullptr || step->icmp || step->conversation->tcp != wanted_.tcp ||
        step->conversation->stream != wanted_.stream)
      return;
    const flow::Segment& segment = step->segment;
    if (!found_) nodes_ = {segment.from, segment.to};
    found_ = true;
    const unsigned side = segment.from == nodes_[0] ? 0 : 1;
    const std::string_view bytes{reinterpret_cast<const char*>(segment.payload.data()),
                                 segment.payload.size()};
    if (wanted_.tcp)
      assembly_.add({side, step->seq, step->ack, segment.length, bytes});
    else if (!bytes.empty())
      take(side, bytes);
  }

  void end(Out& out, bool json) override {
    if (json) {
      out.write(json_);
      return;
    }
    constexpr std::string_view forms[] = {"ascii", "hex", "raw"};
    const std::string_view protocol = wanted_.tcp ? "tcp" : "udp";
    out.print("\n{}Follow: {},{}\nFilter: {}.stream eq {}\n", line, protocol,
              forms[static_cast<unsigned>(wanted_.form)], protocol, wanted_.stream);
    for (unsigned node = 0; node < 2; ++node)
      out.print("Node {}: {}\n", node, found_ ? text_of(nodes_[node]) : ":0");
    out.write(text_);
    out.write(line);
  }

 private:
  static std::string text_of(const Endpoint& endpoint) {
    return endpoint.address.v6 ? fmt::format("[{}]:{}", to_string(endpoint.address), endpoint.port)
                               : to_string(endpoint);
  }

  void take(unsigned side, std::string_view bytes) {
    ++piece_;
    if (piece_ < wanted_.first || piece_ > wanted_.last) return;
    if (text_.size() + json_.size() > most_held) return;
    json_ += JsonLine{"stats.said"}
                 .number("stream", wanted_.stream)
                 .number("node", side)
                 .number("bytes", bytes.size())
                 .text("text", bytes)
                 .line();
    switch (wanted_.form) {
      case Form::ascii:
        ascii(side, bytes);
        break;
      case Form::hex:
        hex(side, bytes);
        break;
      case Form::raw:
        if (side == 1) text_ += '\t';
        dissect::append_hex(text_, {reinterpret_cast<const u8*>(bytes.data()), bytes.size()});
        text_ += '\n';
    }
    sent_[side] += bytes.size();
  }

  void ascii(unsigned side, std::string_view bytes) {
    fmt::format_to(std::back_inserter(text_), "{}{}\n", side == 1 ? "\t" : "", bytes.size());
    for (const char c : bytes) text_ += (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' ? c : '.';
    text_ += '\n';
  }

  void hex(unsigned side, std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
      const auto row = bytes.substr(at, 16);
      fmt::format_to(std::back_inserter(text_), "{}{:08X}  ", side == 1 ? "\t" : "",
                     sent_[side] + at);
      for (std::size_t i = 0; i < 16; ++i) {
        if (i < row.size())
          fmt::format_to(std::back_inserter(text_), "{:02x} ", static_cast<u8>(row[i]));
        else
          text_ += "   ";
        if (i == 7) text_ += ' ';
      }
      text_ += ' ';
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == 8) text_ += ' ';
        text_ += row[i] >= 0x20 && row[i] < 0x7f ? row[i] : '.';
      }
      text_ += '\n';
    }
  }

  Wanted wanted_;
  Assembly assembly_;
  bool found_ = false;
  std::array<Endpoint, 2> nodes_;
  u32 piece_ = 0;
  u64 sent_[2] = {};
  std::string text_, json_;
};

std::optional<u32> number_of(std::string_view text) {
  u32 value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return value;
}

}  // namespace

Result<std::unique_ptr<Report>> make_follow(std::string_view kind, std::string_view rest) {
  std::vector<std::string_view> parts;
  for (auto left = rest; !left.empty();) {
    const auto comma = std::min(left.find(','), left.size());
    parts.push_back(left.substr(0, comma));
    left.remove_prefix(std::min(left.size(), comma + 1));
  }
  const auto wrong = [&] {
    return fail(Exit::bad_input, say("-z follow,{0} takes a form and a stream's number, such as "
                                     "-z follow,{0},ascii,0; the forms are ascii, hex and raw",
                                     kind));
  };
  if (parts.size() < 2 || parts.size() > 3) return wrong();
  Wanted wanted{kind == "tcp"};
  if (parts[0] == "hex")
    wanted.form = Form::hex;
  else if (parts[0] == "raw")
    wanted.form = Form::raw;
  else if (parts[0] != "ascii")
    return wrong();
  const auto stream = number_of(parts[1]);
  if (!stream) return wrong();
  wanted.stream = *stream;
  if (parts.size() == 3) {  // pieces: "3" or "3-7"
    const auto dash = parts[2].find('-');
    const auto first = number_of(parts[2].substr(0, dash));
    const auto last = dash == parts[2].npos ? first : number_of(parts[2].substr(dash + 1));
    if (!first || !last) return wrong();
    wanted.first = *first;
    wanted.last = *last;
  }
  return std::make_unique<Follow>(wanted);
}

}  // namespace trama::stats
