#include "packet/output/columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/output/lower.h"
#include "packet/output/marked.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Layer;
using dissect::Row;
using dissect::Tree;

template <class... Args>
void print(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
}

// The innermost layer that has addresses, but not what an ICMP error quotes.
struct Addresses {
  const Row* source = nullptr;
  const Row* destination = nullptr;
};

Addresses addresses_of(const Tree& tree) {
  Addresses found;
  unsigned until = 0xffff;
  const auto layers = tree.layers();
  for (unsigned i = 0; i < layers.size(); ++i)
    if (layers[i].header == &icmp || layers[i].header == &icmpv6) {
      until = i;
      break;
    }
  for (const Row& row : tree.rows()) {
    if (row.layer >= until) continue;
    const Field* field = row.field;
    const bool network = field == &in(ip_fields, "ip.src") || field == &in(ipv6_fields, "ipv6.src");
    if (network || field == &in(eth_fields, "eth.src") || field == &in(sll_fields, "sll.src.eth") ||
        field == &in(sll2_fields, "sll.src.eth") || field == &in(wlan_found, "wlan.sa") ||
        field == &in(arp_found, "arp.src.hw_mac")) {
      if (field != &in(arp_found, "arp.src.hw_mac") || found.source == nullptr) found.source = &row;
    }
    if (field == &in(ip_fields, "ip.dst") || field == &in(ipv6_fields, "ipv6.dst") ||
        field == &in(eth_fields, "eth.dst") || field == &in(wlan_found, "wlan.da"))
      found.destination = &row;
    if ((field == &in(sll_fields, "sll.src.eth") || field == &in(sll2_fields, "sll.src.eth")))
      found.destination = nullptr;
  }
  return found;
}

// The hardware address that starts `at` bytes into an Ethernet header that the capture cut: the
// columns show it, though it is no field's value.
void append_cut_ethernet(std::string& text, const Tree& tree, u32 at) {
  const auto layers = tree.layers();
  if (layers.size() < 2 || layers[1].header != &eth || !layers[1].cut || layers[1].length < at + 6)
    return;
  const u8* bytes = layers[1].data + at;
  for (unsigned i = 0; i < 6; ++i) print(text, "{}{:02x}", i == 0 ? "" : ":", bytes[i]);
}

// Of frames that tell no address of their own.
void append_lower_end(std::string& text, const Tree& tree, bool source) {
  append_wireless_end(text, tree, source);
  append_cut_ethernet(text, tree, source ? 6 : 0);
}

void info_of_tcp(std::string& text, const Shown& shown, const Layer& layer) {
  const auto rows = shown.tree.rows().subspan(layer.first_row, layer.rows);
  const auto number = [&](const Field& field) -> const Row* {
    for (const Row& row : rows)
      if (row.field == &field) return &row;
    return nullptr;
  };
  const Row* from = number(in(tcp_fields, "tcp.srcport"));
  const Row* to = number(in(tcp_fields, "tcp.dstport"));
  const Row* flags = number(in(tcp_fields, "tcp.flags"));
  if (from == nullptr || to == nullptr || layer.length < 16) return;
  const auto value = [&](const Field& field) {
    const Row* row = number(field);
    return row == nullptr ? 0 : row->value;
  };
  const u64 bits = flags != nullptr ? flags->value : read(in(tcp_fields, "tcp.flags"), layer.data);
  TcpLine line{from->value, to->value, bits};
  const bool numbered = shown.step != nullptr && !shown.step->icmp;
  line.seq = numbered ? shown.step->seq : value(in(tcp_fields, "tcp.seq_raw"));
  line.ack = numbered ? shown.step->ack : read(in(tcp_fields, "tcp.ack_raw"), layer.data);
  line.window =
      numbered ? shown.step->window : read(in(tcp_fields, "tcp.window_size_value"), layer.data);
  line.urgent = value(in(tcp_fields, "tcp.urgent_pointer"));
  line.length = value(in(tcp_found, "tcp.len"));
  line.measured = flags != nullptr && number(in(tcp_found, "tcp.len")) != nullptr;
  char room[most_info];
  text.append(room, write_tcp_line(room, line));
  if (flags == nullptr)
    return print(text, ", bogus TCP header length ({}, must be at least 20)",
                 value(in(tcp_fields, "tcp.hdr_len")));
  for (const Row& row : rows) text.append(room, write_tcp_option(room, *row.field, row.value));
}

// What its messages say, else its own numbers; `own` writes those.
template <class Own>
void info_of_segment(std::string& text, const Shown& shown, Own&& own) {
  const std::size_t start = text.size();
  append_findings(text, shown);
  const parse::Told* told = shown.told;
  if (told != nullptr && (told->cleared || !told->info.empty())) {
    if (told->listed && !told->info.empty() && text.size() > start) text += ", ";
    text += told->info;
  } else {
    own();
  }
  if (told == nullptr) return;
  if (told->unfinished) {
    text += segment_of_a_message.substr(text.size() > start ? 0 : 1);
  }
  text.insert(start, told->ahead);
  text += told->remark;
}

}  // namespace

// The last finding stands first.
void append_findings(std::string& text, const Shown& shown) {
  if (shown.step == nullptr || shown.step->analysis.found == 0) return;
  using namespace flow::found;  // NOLINT: the bits' names
  static constexpr std::pair<u32, std::string_view> names[] = {
      {zero_window_probe_ack,   "[TCP ZeroWindowProbeAck] "           },
      {zero_window,             "[TCP ZeroWindow] "                   },
      {zero_window_probe,       "[TCP ZeroWindowProbe] "              },
      {duplicate_ack,           ""                                    },
      {keep_alive_ack,          "[TCP Keep-Alive ACK] "               },
      {keep_alive,              "[TCP Keep-Alive] "                   },
      {window_full,             "[TCP Window Full] "                  },
      {window_update,           "[TCP Window Update] "                },
      {ack_lost_segment,        "[TCP ACKed unseen segment] "         },
      {lost_segment,            "[TCP Previous segment not captured] "},
      {reused_ports,            "[TCP Port numbers reused] "          },
      {out_of_order,            "[TCP Out-Of-Order] "                 },
      {spurious_retransmission, "[TCP Spurious Retransmission] "      },
      {fast_retransmission,     "[TCP Fast Retransmission] "          },
      {retransmission,          "[TCP Retransmission] "               },
  };
  for (const auto& [bit, name] : names) {
    if (!shown.step->found(bit)) continue;
    if (bit == duplicate_ack)
      print(text, "[TCP Dup ACK {}#{}] ", shown.step->analysis.duplicate_frame,
            shown.step->analysis.duplicate_number);
    text += name;
  }
}

unsigned time_digits_cut(const Shown& shown) {
  return 9U - std::min<unsigned>(9, shown.interface.digits);
}

void append_time(std::string& text, const Shown& shown, TimeFormat format) {
  const Packet& packet = shown.packet;
  const std::size_t start = text.size();
  switch (format) {
    case TimeFormat::relative:
      dissect::append_seconds(text, packet.since_first);
      break;
    case TimeFormat::delta:
      dissect::append_seconds(text, packet.since_previous);
      break;
    case TimeFormat::delta_shown:
      dissect::append_seconds(text, shown.since_shown);
      break;
    case TimeFormat::epoch:
      dissect::append_seconds(text, packet.time == no_time ? 0 : packet.time);
      break;
    case TimeFormat::local_day:
    case TimeFormat::utc_day:
      if (packet.time != no_time)
        dissect::append_day_moment(text, packet.time, format == TimeFormat::utc_day);
      break;
    default:
      if (packet.time != no_time)
        dissect::append_moment(text, packet.time,
                               format == TimeFormat::utc || format == TimeFormat::utc_date,
                               format == TimeFormat::local_date || format == TimeFormat::utc_date);
  }
  text.erase(text.size() - std::min<std::size_t>(time_digits_cut(shown), text.size() - start));
}

void append_source(std::string& text, const Shown& shown) {
  if (marks_tell(shown)) {
    char room[46];
    text.append(room, write_marked_source(room, shown.packet));
    return;
  }
  const Tree& tree = shown.tree;
  if (const auto found = addresses_of(tree); found.source != nullptr)
    dissect::append_value(text, *found.source);
  else
    append_lower_end(text, tree, true);
}

void append_destination(std::string& text, const Shown& shown) {
  if (marks_tell(shown)) {
    char room[46];
    text.append(room, write_marked_destination(room, shown.packet));
    return;
  }
  const Tree& tree = shown.tree;
  if (const auto found = addresses_of(tree); found.destination != nullptr)
    dissect::append_value(text, *found.destination);
  else
    append_lower_end(text, tree, false);
}

void append_protocol(std::string& text, const Shown& shown) {
  if (shown.told != nullptr && !shown.told->protocol.empty()) {
    text += shown.told->protocol;
    return;
  }
  if (marks_tell(shown)) {
    text += marked_protocol(shown.packet);
    return;
  }
  Column column{text, Column::Which::protocol};
  say_lower(column, shown.tree, shown.tree.layers().size());
}

void append_info(std::string& text, const Shown& shown) {
  if (marks_tell(shown) && marks_tell_info(shown)) {
    const auto own = [&] {
      char room[most_info];
      text.append(room, write_marked_info(room, shown));
    };
    if ((shown.packet.has >> id_tcp & 1) != 0) return info_of_segment(text, shown, own);
    if (shown.told == nullptr || (!shown.told->cleared && shown.told->info.empty())) return own();
    text += shown.told->info;
    text += shown.told->remark;
    return;
  }
  const auto layers = shown.tree.layers();
  const auto is_control = [](const Layer& layer) {
    return layer.header == &icmp || layer.header == &icmpv6;
  };
  const bool quotes = std::any_of(layers.begin(), layers.end(), is_control);
  for (std::size_t i = layers.size(); !quotes && i-- > 1;) {
    if (layers[i].header == &tcp && layers[i].length >= 16) {
      info_of_segment(text, shown, [&] { info_of_tcp(text, shown, layers[i]); });
      text += cut_remark(shown.tree);
      return;
    }
    if (layers[i].header != &udp && layers[i].header != &sctp) continue;
    if (shown.told == nullptr || (!shown.told->cleared && shown.told->info.empty())) break;
    text += shown.told->info;
    text += shown.told->remark;
    return;
  }
  Column column{text, Column::Which::info};
  say_lower(column, shown.tree, layers.size());
  text += cut_remark(shown.tree);
}

}  // namespace trama::output
