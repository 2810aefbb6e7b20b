// TCP's findings: how connections open and close, odd headers, and what tcp.analysis found.
#include "packet/stats/expert.h"
#include "wire/registry.h"

namespace trama::stats {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Row;

constexpr std::size_t most_talks = 1'000'000;
// RFC 7413 section 4.1.1; before it had a number: an experimental option with a mark of its own.
constexpr u8 fast_open_option = 34, experimental_option = 254;
constexpr unsigned fast_open_mark = 0xf989;

void add(std::vector<Finding>& findings, Severity severity, std::string summary,
         std::string_view group = "Sequence") {
  findings.push_back({severity, group, "TCP", std::move(summary)});
}

struct Header {
  u64 from = 0, to = 0, ack = 0, flags = 0, urgent = 0, length = 0;
  bool mss = false, cookie = false;
  u32 first_edge = 0, second_left = 0, second_right = 0,
      first_right = 0;  // of SACK blocks, relative
  unsigned edges = 0;
};

// A SYN's options ask to take its data at once, with the cookie that the server gave before.
bool has_cookie(Bytes options) {
  for (std::size_t at = 0; at + 1 < options.size();) {
    if (options[at] <= 1) {  // end, or no operation
      ++at;
      continue;
    }
    const unsigned size = options[at + 1];
    if (size < 2 || at + size > options.size()) return false;
    if (options[at] == fast_open_option && size > 2) return true;
    if (options[at] == experimental_option && size > 4 &&
        (options[at + 2] << 8 | options[at + 3]) == fast_open_mark)
      return true;
    at += size;
  }
  return false;
}

// Of the rows of one TCP layer.
Header header_of(const dissect::Tree& tree, u16 layer) {
  Header header;
  for (const Row& row : tree.rows()) {
    if (row.layer != layer) continue;
    const auto is = [&](const Field& field) { return row.field == &field; };
    if (is(in(tcp_fields, "tcp.srcport")))
      header.from = row.value;
    else if (is(in(tcp_fields, "tcp.dstport")))
      header.to = row.value;
    else if (is(in(tcp_fields, "tcp.hdr_len")))
      header.length = row.value;
    else if (is(in(tcp_fields, "tcp.ack_raw")))
      header.ack = row.value;
    else if (is(in(tcp_fields, "tcp.flags")))
      header.flags = row.value;
    else if (is(in(tcp_fields, "tcp.urgent_pointer")))
      header.urgent = row.value;
    else if (is(in(tcp_found, "tcp.options.mss_val")))
      header.mss = true;
    else if (is(in(tcp_found, "tcp.options")))
      header.cookie = has_cookie({row.data, row.size});
    else if (is(in(tcp_found, "tcp.options.sack_le")) && header.edges++ < 2)
      (header.edges == 1 ? header.first_edge : header.second_left) = static_cast<u32>(row.value);
    else if (is(in(tcp_found, "tcp.options.sack_re")) && header.edges <= 2)
      (header.edges == 1 ? header.first_right : header.second_right) = static_cast<u32>(row.value);
  }
  return header;
}

// RFC 2883 section 4: the first block names bytes that had arrived before.
bool repeats_block(const Header& header, u32 ack) {
  if (header.edges == 0) return false;
  if (flow::before(header.first_edge, ack)) return true;
  return header.edges > 1 && !flow::before(header.first_edge, header.second_left) &&
         !flow::before(header.second_right, header.first_right);
}

}  // namespace

void Expert::find_in_tcp(const output::Shown& shown, u16 layer, bool own,
                         std::vector<Finding>& findings) {
  using flow::TcpFlag;
  const dissect::Layer& bytes = shown.tree.layers()[layer];
  const Header header = header_of(shown.tree, layer);
  if (bytes.length < 14) return;
  if (header.length < 20) return;
  const auto has = [&](u16 flag) { return (header.flags & flag) != 0; };
  if (!has(TcpFlag::ack) && header.ack != 0)
    add(findings, Severity::note,
        "The acknowledgment number field is nonzero while the ACK flag is not set", "Protocol");
  if (has(TcpFlag::syn) && has(TcpFlag::ack))
    add(findings, Severity::chat,
        fmt::format("Connection establish acknowledge (SYN+ACK): server port {}", header.from));
  else if (has(TcpFlag::syn))
    add(findings, Severity::chat,
        fmt::format("Connection establish request (SYN): server port {}", header.to));
  Talk* talk = nullptr;
  if (own && (talks_.size() < most_talks || talks_.contains(shown.step->conversation->stream)))
    talk = &talks_[shown.step->conversation->stream];
  if (has(TcpFlag::fin)) {
    add(findings, Severity::chat, "Connection finish (FIN)");
    const unsigned from = own ? shown.step->from : 0;
    const bool first = talk == nullptr || !talk->closes[1 - from];
    if (talk != nullptr && first) talk->closes[from] = true;
    add(findings, Severity::note,
        first ? "This frame initiates the connection closing"
              : "This frame undergoes the connection closing");
  }
  if (has(TcpFlag::rst)) add(findings, Severity::warn, "Connection reset (RST)");
  if (!has(TcpFlag::urg) && header.urgent != 0)
    add(findings, Severity::note,
        "The urgent pointer field is nonzero while the URG flag is not set", "Protocol");
  if (header.length > 20 && has(TcpFlag::syn) && !header.mss)
    add(findings, Severity::note, "The SYN packet does not contain a MSS option", "Protocol");
  if (!has(TcpFlag::syn) && header.mss)
    add(findings, Severity::warn, "The non-SYN packet does contain a MSS option", "Protocol");
  if (own && has(TcpFlag::ack) && repeats_block(header, shown.step->ack))
    add(findings, Severity::warn, "D-SACK Sequence");
  if (!own) return;
  if (talk != nullptr && has(TcpFlag::syn)) find_in_opening(*shown.step, header.cookie, findings);
  find_in_analysis(*shown.step, findings);
}

// Data in a SYN (RFC 7413): did the server take it?
void Expert::find_in_opening(const flow::Step& step, bool cookie, std::vector<Finding>& findings) {
  Talk& talk = talks_[step.conversation->stream];
  if (!step.segment.has(flow::TcpFlag::ack)) {
    talk.fast_bytes = step.segment.length;
    if (cookie) add(findings, Severity::note, "TCP SYN with TFO Cookie");
  } else if (talk.fast_bytes > 0) {
    add(findings, Severity::note,
        step.ack > 1 ? "TCP SYN-ACK accepting TFO data" : "TCP SYN-ACK ignoring TFO data");
  }
}

void find_in_analysis(const flow::Step& step, std::vector<Finding>& findings) {
  using namespace flow::found;  // NOLINT: the bits' names
  struct Rule {
    u32 found;
    Severity severity;
    std::string_view summary;
  };
  static constexpr Rule rules[] = {
      {fast_retransmission,     Severity::note, "This frame is a (suspected) fast retransmission"            },
      {spurious_retransmission, Severity::note,
       "This frame is a (suspected) spurious retransmission"                                                 },
      {any_retransmission,      Severity::note, "This frame is a (suspected) retransmission"                 },
      {out_of_order,            Severity::warn, "This frame is a (suspected) out-of-order segment"           },
      {reused_ports,            Severity::note,
       "A new tcp session is started with the same ports as an earlier session in this trace"                },
      {lost_segment,            Severity::warn, "Previous segment(s) not captured (common at capture start)" },
      {ack_lost_segment,        Severity::warn,
       "ACKed segment that wasn't captured (common at capture start)"                                        },
      {window_update,           Severity::chat, "TCP window update"                                          },
      {window_full,             Severity::warn, "TCP window specified by the receiver is now completely full"},
      {keep_alive,              Severity::note, "TCP keep-alive segment"                                     },
      {keep_alive_ack,          Severity::note, "ACK to a TCP keep-alive segment"                            },
      {duplicate_ack,           Severity::note, ""                                                           },
      {zero_window_probe,       Severity::note, "TCP Zero Window Probe"                                      },
      {zero_window,             Severity::warn, "TCP Zero Window segment"                                    },
      {zero_window_probe_ack,   Severity::note, "ACK to a TCP Zero Window Probe"                             },
  };
  for (const Rule& rule : rules) {
    if (!step.found(rule.found)) continue;
    add(findings, rule.severity,
        rule.found == duplicate_ack
            ? fmt::format("Duplicate ACK (#{})", step.analysis.duplicate_number)
            : std::string{rule.summary});
  }
}

void Expert::find(const output::Shown& shown, std::vector<Finding>& findings) {
  const dissect::Tree& tree = shown.tree;
  const bool has_own = shown.step != nullptr && !shown.step->icmp && shown.step->segment.tcp;
  const auto layers = tree.layers();
  const auto mine = has_own ? flow::own_transport(tree) : std::nullopt;
  for (std::size_t at = 0; at < layers.size(); ++at) {
    const auto i = static_cast<u16>(at);
    if (layers[i].header == &tcp)
      find_in_tcp(shown, i, mine == i, findings);
    else
      find_in_layer(shown, i, findings);
    if (flow::is_icmp(layers[i])) return;  // what it quotes is told
  }
}

}  // namespace trama::stats
