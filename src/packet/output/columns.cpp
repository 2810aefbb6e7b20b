#include "packet/output/columns.h"

#include <fmt/format.h>

#include <iterator>

#include "packet/dissect/value.h"
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
        field == &in(sll2_fields, "sll.src.eth") || field == &in(arp_found, "arp.src.hw_mac")) {
      if (field != &in(arp_found, "arp.src.hw_mac") || found.source == nullptr) found.source = &row;
    }
    if (field == &in(ip_fields, "ip.dst") || field == &in(ipv6_fields, "ipv6.dst") ||
        field == &in(eth_fields, "eth.dst"))
      found.destination = &row;
    if ((field == &in(sll_fields, "sll.src.eth") || field == &in(sll2_fields, "sll.src.eth")))
      found.destination = nullptr;
  }
  return found;
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
  if (from == nullptr || to == nullptr || flags == nullptr) return;
  const auto value = [&](const Field& field) {
    const Row* row = number(field);
    return row == nullptr ? 0 : row->value;
  };
  TcpLine line{from->value, to->value, flags->value};
  const bool numbered = shown.step != nullptr && !shown.step->icmp;
  line.seq = numbered ? shown.step->seq : value(in(tcp_fields, "tcp.seq_raw"));
  line.ack = numbered ? shown.step->ack : value(in(tcp_fields, "tcp.ack_raw"));
  line.window = numbered ? shown.step->window : value(in(tcp_fields, "tcp.window_size_value"));
  line.urgent = value(in(tcp_fields, "tcp.urgent_pointer"));
  line.length = value(in(tcp_found, "tcp.len"));
  char room[most_info];
  text.append(room, write_tcp_line(room, line));
  const Row* multiplier = nullptr;
  for (const Row& row : rows) {
    text.append(room, write_tcp_option(room, *row.field, row.value));
    if (row.field == &in(tcp_found, "tcp.options.wscale.multiplier")) multiplier = &row;
  }
  if (multiplier != nullptr) print(text, " WS={}", multiplier->value);
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
    if (text.size() > start) text += ' ';
    text += "[TCP segment of a reassembled PDU]";
  }
  text.insert(start, told->ahead);
  text += told->remark;
}

std::string_view unreachable_code(u64 code) {
  constexpr std::string_view names[] = {"Network unreachable",
                                        "Host unreachable",
                                        "Protocol unreachable",
                                        "Port unreachable",
                                        "Fragmentation needed",
                                        "Source route failed",
                                        "Network unknown",
                                        "Host unknown",
                                        "Source host isolated",
                                        "Network administratively prohibited",
                                        "Host administratively prohibited",
                                        "Network unreachable for TOS",
                                        "Host unreachable for TOS",
                                        "Communication administratively filtered",
                                        "Host precedence violation",
                                        "Precedence cutoff in effect"};
  return code < std::size(names) ? names[code] : "unknown code";
}

std::string_view unreachable_code_v6(u64 code) {
  constexpr std::string_view names[] = {"no route to destination",
                                        "Administratively prohibited",
                                        "Beyond scope of source address",
                                        "Address unreachable",
                                        "Port unreachable",
                                        "Source address failed ingress/egress policy",
                                        "Reject route to destination"};
  return code < std::size(names) ? names[code] : "unknown code";
}

std::string_view name_in(std::span<const Name> names, u64 value, std::string_view otherwise) {
  for (const Name& name : names)
    if (name.value == value) return name.text;
  return otherwise;
}

void info_of_icmp(std::string& text, const Tree& tree) {
  const Row* type = tree.find(in(icmp_fields, "icmp.type"));
  const Row* code = tree.find(in(icmp_fields, "icmp.code"));
  if (type == nullptr || code == nullptr) return;
  text += name_in(icmp_type_names, type->value, "Unknown ICMP type");
  if (type->value == 3) print(text, " ({})", unreachable_code(code->value));
  if (type->value == 11)
    text += code->value == 0 ? " (Time to live exceeded in transit)"
                             : " (Fragment reassembly time exceeded)";
  const Row* ident = tree.find(in(icmp_fields, "icmp.ident"));
  const Row* sequence = tree.find(in(icmp_fields, "icmp.seq"));
  const Row* little = tree.find(in(icmp_found, "icmp.seq_le"));
  const Row* ttl = tree.find(in(ip_fields, "ip.ttl"));
  if (ident != nullptr && sequence != nullptr && little != nullptr) {
    print(text, "  id=0x{:04x}, seq={}/{}", ident->value, sequence->value, little->value);
    if (ttl != nullptr) print(text, ", ttl={}", ttl->value);
  }
}

void info_of_icmpv6(std::string& text, const Tree& tree) {
  const Row* type = tree.find(in(icmpv6_fields, "icmpv6.type"));
  const Row* code = tree.find(in(icmpv6_fields, "icmpv6.code"));
  if (type == nullptr || code == nullptr) return;
  const auto name = name_in(icmpv6_type_names, type->value, "");
  if (name.empty()) print(text, "Unknown ({})", type->value);
  text += name;
  if (type->value == 1) print(text, " ({})", unreachable_code_v6(code->value));
  if (type->value == 3)
    text += code->value == 0 ? " (hop limit exceeded in transit)"
                             : " (fragment reassembly time exceeded)";
  if (const Row* ident = tree.find(in(icmpv6_found, "icmpv6.echo.identifier")))
    if (const Row* sequence = tree.find(in(icmpv6_found, "icmpv6.echo.sequence_number"))) {
      print(text, " id=0x{:04x}, seq={}", ident->value, sequence->value);
      if (const Row* hops = tree.find(in(ipv6_fields, "ipv6.hlim")))
        print(text, ", hop limit={}", hops->value);
    }
  const Row* target = tree.find(in(icmpv6_found, "icmpv6.nd.ns.target_address"));
  if (target != nullptr) {
    text += " for ";
    dissect::append_value(text, *target);
  }
}

void info_of_arp(std::string& text, const Tree& tree) {
  const Row* opcode = tree.find(in(arp_fields, "arp.opcode"));
  const Row* sender = tree.find(in(arp_found, "arp.src.proto_ipv4"));
  const Row* target = tree.find(in(arp_found, "arp.dst.proto_ipv4"));
  const Row* mac = tree.find(in(arp_found, "arp.src.hw_mac"));
  if (opcode == nullptr || sender == nullptr || target == nullptr || mac == nullptr) return;
  const bool announces = sender->value == target->value;
  if (opcode->value == 1 && announces) {
    text += "ARP Announcement for ";
    dissect::append_value(text, *sender);
  } else if (opcode->value == 1) {
    text += "Who has ";
    dissect::append_value(text, *target);
    text += sender->value == 0 ? "? (ARP Probe)" : "? Tell ";
    if (sender->value != 0) dissect::append_value(text, *sender);
  } else {
    dissect::append_value(text, *sender);
    text += " is at ";
    dissect::append_value(text, *mac);
  }
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
  const std::size_t cut = 9U - std::min<unsigned>(9, shown.interface.digits);
  text.erase(text.size() - std::min(cut, text.size() - start));
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
}

std::string_view protocol_of(const Shown& shown) {
  if (shown.told != nullptr && !shown.told->protocol.empty()) return shown.told->protocol;
  if (marks_tell(shown)) return marked_protocol(shown.packet);
  const Tree& tree = shown.tree;
  std::string_view name = "Ethernet";
  for (const Layer& layer : tree.layers()) {
    if (layer.header == &arp) name = "ARP";
    if (layer.header == &ip) name = "IPv4";
    if (layer.header == &ipv6) name = "IPv6";
    if (layer.header == &igmp) name = "IGMP";
    if (layer.header == &tcp) name = "TCP";
    if (layer.header == &udp) name = "UDP";
    if (layer.header == &icmp) return "ICMP";
    if (layer.header == &icmpv6) return "ICMPv6";
    if (layer.header == &llc) name = "LLC";
    if (layer.header == &sll || layer.header == &sll2) name = "SLL";
  }
  return name;
}

void append_info(std::string& text, const Shown& shown) {
  if (marks_tell(shown)) {
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
  for (const Layer& layer : layers) {  // an ICMP error is about itself, not about what it quotes
    if (layer.header == &icmp) return info_of_icmp(text, shown.tree);
    if (layer.header == &icmpv6) return info_of_icmpv6(text, shown.tree);
    if (layer.header == &arp) return info_of_arp(text, shown.tree);
  }
  // NOLINTNEXTLINE(modernize-loop-convert): from the innermost out
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->header == &tcp)
      return info_of_segment(text, shown, [&] { info_of_tcp(text, shown, *layer); });
    if (layer->header == &udp) {
      if (shown.told != nullptr && (shown.told->cleared || !shown.told->info.empty())) {
        text += shown.told->info;
        text += shown.told->remark;
        return;
      }
      const Row* from = shown.tree.find(in(udp_fields, "udp.srcport"));
      const Row* to = shown.tree.find(in(udp_fields, "udp.dstport"));
      if (from != nullptr && to != nullptr)
        print(text, "{} → {} Len={}", from->value, to->value,
              layer->length_on_wire > 8 ? layer->length_on_wire - 8 : 0);
      if (shown.told != nullptr) text += shown.told->info;
      return;
    }
    if (layer->header == &ip) {
      const Row* proto = shown.tree.find(in(ip_fields, "ip.proto"));
      const Row* offset = shown.tree.find(in(ip_fields, "ip.frag_offset"));
      const Row* id = shown.tree.find(in(ip_fields, "ip.id"));
      const Row* more = shown.tree.find(in(ip_fields, "ip.flags.mf"));
      if (proto == nullptr || offset == nullptr || id == nullptr || more == nullptr) return;
      const auto name = name_in(ip_protocol_names, proto->value, "Unknown");
      if (offset->value != 0 || more->value != 0)
        print(text, "Fragmented IP protocol (proto={} {}, off={}, ID={:04x})", name, proto->value,
              offset->value * 8, id->value);
      else
        print(text, "{} ({})", name, proto->value);
      return;
    }
    if (layer->header == &ipv6) {
      if (const Row* next = shown.tree.find(in(ipv6_fields, "ipv6.nxt")))
        text += name_in(ip_protocol_names, next->value, "IPv6");
      return;
    }
  }
  if (const Row* type = shown.tree.find(in(eth_fields, "eth.type")))
    print(text, "Ethernet II, 0x{:04x}", type->value);
}

}  // namespace trama::output
