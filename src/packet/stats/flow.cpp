// -z flow: packets as arrows between the hosts, as tshark draws them: a column of 20 characters a
// host, two lines a packet.
#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/json.h"
#include "base/say.h"
#include "base/terminal.h"
#include "packet/dissect/value.h"
#include "packet/output/columns.h"
#include "packet/output/marked.h"
#include "packet/stats/report.h"
#include "wire/registry.h"

namespace trama::stats {
namespace {

constexpr unsigned column = 20;       // a host's, with the bar behind it
constexpr unsigned most_hosts = 40;   // with a column of their own
constexpr unsigned nowhere = 41;      // where all other hosts stand: beyond the last column
constexpr unsigned before_arrow = 9;  // "(65535)  "
constexpr std::size_t most_arrows = 1'000'000;
constexpr std::size_t most_text = std::size_t{256} << 20;

struct Arrow {
  u32 stream = 0;
  u8 from = 0, to = 0;  // columns, or `nowhere`
  u16 from_port = 0, to_port = 0;
  std::string time, label, comment;
};

unsigned characters(std::string_view text) {
  return static_cast<unsigned>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view first_characters(std::string_view text, unsigned count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && (text[at] & 0xc0) == 0x80) ++at;
    --count;
  }
  return text.substr(0, at);
}

// Puts `text` into the line, over what stands there; where it does not fit, between.
void lay(std::string& line, std::size_t at, std::string_view text) {
  const std::size_t place = std::min(at, line.size());
  const unsigned count = characters(text);
  line.replace(place, place + count > line.size() ? 0 : count, text);
}

class Flow final : public Report {
 public:
  Flow(bool tcp, Choice choice) : tcp_(tcp), choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override {
    return tcp_ ? std::max(wire::Stage::flow, choice_.stage()) : wire::Stage::parse;
  }

  void add(const output::Shown& shown) override {
    if (!choice_.takes(shown)) return;
    Arrow arrow;
    std::string from, to;
    if (tcp_) {
      const flow::Step* step = shown.step;
      if (step == nullptr || step->icmp || !step->segment.tcp || !step->segment.whole ||
          !step->segment.counts)
        return;
      from = to_string(step->segment.from.address);
      to = to_string(step->segment.to.address);
    } else {
      output::append_source(from, shown);
      output::append_destination(to, shown);
      if (from.empty() || to.empty()) return;
    }
    if (arrows_.size() >= most_arrows || text_ > most_text) {
      ++left_out_;
      return;
    }
    arrow.from = column_of(from);
    arrow.to = column_of(to);
    output::append_time(arrow.time, shown, output::TimeFormat::relative);
    if (tcp_)
      tell_segment(*shown.step, arrow);
    else
      tell_packet(shown, arrow);
    text_ += sizeof arrow + arrow.label.size() + arrow.comment.size();
    several_ = several_ || arrow.stream != (arrows_.empty() ? arrow : arrows_.front()).stream;
    arrows_.push_back(std::move(arrow));
  }

  void end(Out& out, bool json) override {
    if (json) return end_json(out);
    if (arrows_.empty()) return;
    const std::string_view blank = several_ ? "     |         |" : "|         |";
    print_hosts(out, blank);
    std::string cells;
    for (std::size_t i = 0; i < hosts_.size(); ++i) cells += std::string(column - 1, ' ') + '|';
    const std::string edge(blank.size() + cells.size() + 1, '-');
    u32 before = arrows_.front().stream;
    std::string line;
    for (const Arrow& arrow : arrows_) {
      if (arrow.stream != before) out.print("{}\n", edge);
      before = arrow.stream;
      const unsigned left = std::min(arrow.from, arrow.to);
      const unsigned right = std::max({unsigned{arrow.from}, unsigned{arrow.to}, left + 1U});
      const bool turned = arrow.from > arrow.to;
      // Beyond the columns, both ends stand in one place.
      const unsigned steps = left == nowhere ? 1 : right - left;
      line = cells;
      lay(line, left * column + before_arrow, first_characters(arrow.label, steps * column));
      if (several_) out.print("{:<5}", arrow.stream);
      out.print("|{:<9}|{}{}\n", arrow.time, line, arrow.comment);
      line = cells;
      const std::string shaft(steps * column - 2, '-');
      lay(line, left * column + before_arrow, turned ? '<' + shaft : shaft + '>');
      lay(line, std::size_t{left} * column,
          fmt::format("({})", turned ? arrow.to_port : arrow.from_port));
      lay(line, (left + steps) * column + before_arrow + 1,
          fmt::format("({})", turned ? arrow.from_port : arrow.to_port));
      out.print("{}{}\n", blank, line);
    }
    if (left_out_ > 0)
      out.print("{}\n", say_n("{} more packet is not shown", "{} more packets are not shown",
                              left_out_, left_out_));
  }

 private:
  u8 column_of(const std::string& host) {
    const auto known = places_.find(host);
    if (known != places_.end()) return known->second;
    if (hosts_.size() >= most_hosts) return nowhere;
    const auto place = static_cast<u8>(hosts_.size());
    hosts_.push_back(host);
    places_.emplace(host, place);
    return place;
  }

  static void tell_segment(const flow::Step& step, Arrow& arrow) {
    arrow.stream = step.stream;
    arrow.from_port = step.segment.from.port;
    arrow.to_port = step.segment.to.port;
    char flags[80];
    arrow.label.assign(flags, output::write_tcp_flags(flags, step.segment.flags));
    if (step.segment.length > 0) arrow.label += fmt::format(" - Len: {}", step.segment.length);
    arrow.comment = fmt::format("Seq = {}", step.seq);
    if (step.segment.has(flow::TcpFlag::ack)) arrow.comment += fmt::format(" Ack = {}", step.ack);
  }

  static void tell_packet(const output::Shown& shown, Arrow& arrow) {
    const dissect::Tree& tree = shown.tree;
    for (const dissect::Row& row : tree.rows()) {
      const auto is = [&](const wire::Field& field) { return row.field == &field; };
      if (is(wire::in(wire::tcp_fields, "tcp.srcport")) ||
          is(wire::in(wire::udp_fields, "udp.srcport")))
        arrow.from_port = static_cast<u16>(row.value);
      if (is(wire::in(wire::tcp_fields, "tcp.dstport")) ||
          is(wire::in(wire::udp_fields, "udp.dstport")))
        arrow.to_port = static_cast<u16>(row.value);
    }
    std::string info;
    output::append_info(info, shown);
    append_harmless(arrow.label, info);
    output::append_protocol(arrow.comment, shown);
    arrow.comment += ": ";
    arrow.comment += arrow.label;
  }

  void print_hosts(Out& out, std::string_view blank) const {
    out.print("{}|", several_ ? "Conv.| Time    " : "|Time     ");
    for (std::size_t i = 0; i < hosts_.size(); i += 2) out.print(" {:<38}|", hosts_[i]);
    out.print("\n{}", blank);
    const std::string gap(column - 1, ' ');
    std::string line = gap;
    for (std::size_t i = 1; i < hosts_.size(); i += 2) {
      std::string host = gap;
      host.append("|").append(gap);
      lay(host, 0, fmt::format(" {}{}", hosts_[i], hosts_[i].size() < host.size() - 1 ? " " : ""));
      line += '|' + host;
    }
    out.print("{}\n", line);
  }

  void end_json(Out& out) const {
    const auto name = [&](u8 host) {
      return host == nowhere ? std::string_view{} : std::string_view{hosts_[host]};
    };
    for (const Arrow& arrow : arrows_) {
      JsonLine row{"stats.flow"};
      row.raw("time", arrow.time);
      if (tcp_) row.number("stream", arrow.stream);
      row.text("from", name(arrow.from)).number("from_port", arrow.from_port);
      row.text("to", name(arrow.to)).number("to_port", arrow.to_port);
      row.text("label", arrow.label).text("comment", arrow.comment);
      out.write(row.line());
    }
  }

  bool tcp_;
  Choice choice_;
  std::vector<std::string> hosts_;  // in order of their first appearance
  boost::unordered_flat_map<std::string, u8> places_;
  std::vector<Arrow> arrows_;
  std::size_t text_ = 0;  // bytes that the arrows take
  u64 left_out_ = 0;      // packets beyond what is held
  bool several_ = false;  // more than one conversation
};

}  // namespace

Result<std::unique_ptr<Report>> make_flow(std::string_view kind, std::string_view rest) {
  const auto word = rest.substr(0, rest.find(','));
  if (word != "standard" && word != "network")
    return fail(Exit::bad_input, say("-z flow,{0} takes the kind of address, such as "
                                     "-z flow,{0},standard; the kinds are standard and network",
                                     kind));
  auto choice = choice_of(rest.substr(std::min(rest.size(), word.size() + 1)));
  if (!choice) return fail(choice);
  return std::make_unique<Flow>(kind == "tcp", std::move(*choice));
}

}  // namespace trama::stats
