// The findings of every layer but TCP: odd headers, what a parser marked, what could not be read.
#include <algorithm>

#include "packet/dissect/value.h"
#include "packet/output/lower.h"
#include "packet/parse/protocols/http_fields.h"
#include "packet/parse/words.h"
#include "packet/stats/expert.h"
#include "wire/registry.h"

namespace trama::stats {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Layer;
using dissect::Row;

constexpr std::size_t longest_line = 239;  // as tshark cuts them

// Wireshark's short names, where they are not the word in capitals.
std::string_view short_name(const Header& header) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"eth",             "Ethernet"             },
      {"frame",           "Frame"                },
      {"ip",              "IPv4"                 },
      {"ipv6",            "IPv6"                 },
      {"arp",             "ARP/RARP"             },
      {"icmp",            "ICMP"                 },
      {"icmpv6",          "ICMPv6"               },
      {"igmp",            "IGMP"                 },
      {"tcp",             "TCP"                  },
      {"udp",             "UDP"                  },
      {"sctp",            "SCTP"                 },
      {"vlan",            "VLAN"                 },
      {"geneve",          "Geneve"               },
      {"vxlan",           "VXLAN"                },
      {"pppoes",          "PPPoES"               },
      {"pppoed",          "PPPoED"               },
      {"dns",             "DNS"                  },
      {"mdns",            "mDNS"                 },
      {"llmnr",           "LLMNR"                },
      {"http",            "HTTP"                 },
      {"ssdp",            "SSDP"                 },
      {"tls",             "TLS"                  },
      {"quic",            "QUIC"                 },
      {"ssh",             "SSH"                  },
      {"ftp",             "FTP"                  },
      {"smtp",            "SMTP"                 },
      {"sip",             "SIP"                  },
      {"sdp",             "SDP"                  },
      {"snmp",            "SNMP"                 },
      {"ntp",             "NTP"                  },
      {"mqtt",            "MQTT"                 },
      {"tftp",            "TFTP"                 },
      {"dhcp",            "DHCP/BOOTP"           },
      {"syslog",          "Syslog"               },
      {"urlencoded-form", "URL Encoded Form Data"},
      {"gre",             "GRE"                  },
      {"mpls",            "MPLS"                 },
      {"ppp",             "PPP"                  },
      {"llc",             "LLC"                  },
  };
  for (const auto& [word, name] : names)
    if (word == header.word) return name;
  return header.name;
}

struct Mark {
  const Field* field;
  Severity severity;
  std::string_view group, summary;  // {}: the row's value
};

// Fields that are findings by themselves. Those of parsers are found by their words.
const std::vector<Mark>& marks() {
  static const std::vector<Mark> all = [] {
    constexpr std::tuple<std::string_view, Severity, std::string_view, std::string_view> rows[] = {
        {"frame.len_lt_caplen",        Severity::error, "Malformed",
         "Frame length is less than captured length"                                         },
        {"dns.retransmit_request",     Severity::warn,  "Protocol",
         "DNS query retransmission. Original request in frame {}"                            },
        {"dns.retransmit_response",    Severity::warn,  "Protocol",
         "DNS response retransmission. Original response in frame {}"                        },
        {"http.bad_header_name",       Severity::warn,  "Protocol",
         "Illegal characters found in header name"                                           },
        {"tls.ignored_unknown_record", Severity::warn,  "Protocol",  "Ignored Unknown Record"},
    };
    std::vector<Mark> made;
    for (const auto& [word, severity, group, summary] : rows)
      if (const parse::Word* known = parse::find_word(word); known != nullptr)
        for (const parse::Meaning& meaning : known->meanings)
          made.push_back({meaning.field, severity, group, summary});
    return made;
  }();
  return all;
}

class Layered {
 public:
  Layered(const output::Shown& shown, u16 layer, std::vector<Finding>& findings)
      : shown_(shown),
        tree_(shown.tree),
        index_(layer),
        layer_(tree_.layers()[layer]),
        findings_(findings) {}

  void run() {
    if (layer_.header == &eth) ethernet();
    if (layer_.header == &ip) ipv4();
    if (layer_.header == &ipv6) ip_version_6();
    if (layer_.header == &udp) datagram();
    for (const Row& row : tree_.rows())
      if (row.layer == index_) by_field(row);
    const std::string_view remark = shown_.told != nullptr ? shown_.told->remark : "";
    const bool lower = layer_.cut && output::cut_remark(tree_) == "[Malformed Packet]" &&
                       layer_.header != &data && layer_.header != &ip;
    const bool upper = layer_.malformed && remark == "[Malformed Packet]" && is_last_malformed();
    if (lower || upper) add(Severity::error, "Malformed", "Malformed Packet (Exception occurred)");
  }

 private:
  void add(Severity severity, std::string_view group, std::string summary,
           std::string_view protocol = {}) {
    findings_.push_back({severity, group, protocol.empty() ? short_name(*layer_.header) : protocol,
                         std::move(summary)});
  }

  [[nodiscard]] const Row* find(const Field& field) const {
    for (const Row& row : tree_.rows())
      if (row.layer == index_ && row.field == &field) return &row;
    return nullptr;
  }

  [[nodiscard]] bool is_last_malformed() const {
    for (std::size_t i = index_ + 1U; i < tree_.layers().size(); ++i)
      if (tree_.layers()[i].malformed) return false;
    return true;
  }

  void by_field(const Row& row) {
    if (row.field == &in(parse::http_fields, "http.chat")) {
      std::string line;
      const std::string_view text{reinterpret_cast<const char*>(row.data), row.size};
      dissect::append_text(line, text);
      line.resize(std::min(line.size(), longest_line));
      return add(Severity::chat, "Sequence", std::move(line));
    }
    if (row.field == &in(frame_found, "frame.comment")) {
      findings_.push_back({Severity::comment, "Comment", "Pkt_Comment", {}});
      return dissect::append_value(findings_.back().summary, row);
    }
    for (const Mark& mark : marks())
      if (mark.field == row.field)
        add(mark.severity, mark.group, fmt::format(fmt::runtime(mark.summary), row.value));
  }

  void ethernet() {
    const Row* source = find(in(eth_fields, "eth.src"));
    if (source != nullptr && (source->value >> 40 & 1) != 0)
      add(Severity::warn, "Protocol",
          "Source MAC must not be a group address: IEEE 802.3-2002, Section 3.2.3(b)");
    const Row* trailer = find(in(eth_found, "eth.trailer"));
    if (trailer != nullptr && trailer->at < 60 && trailer->at + trailer->length >= 60)
      add(Severity::note, "Protocol",
          "Didn't find padding of zeros, and an undecoded trailer exists. There may be padding of "
          "non-zeros.",
          "Ethertype");
  }

  // RFC 791, and RFC 5771 section 4 for what stays on one network.
  void ipv4() {
    const Row* length = find(in(ip_fields, "ip.len"));
    const Row* ttl = find(in(ip_fields, "ip.ttl"));
    const Row* to = find(in(ip_fields, "ip.dst"));
    const Row* version = find(in(ip_fields, "ip.version"));
    if (version != nullptr && version->value != 4 && version->value != 6)
      return add(Severity::error, "Protocol", "Bogus IPv4 version");
    if (length != nullptr && length->value > layer_.length_on_wire)
      add(Severity::error, "Protocol",
          fmt::format("IPv4 total length exceeds packet length ({} bytes)", layer_.length_on_wire));
    if (ttl == nullptr || to == nullptr) return;
    const auto address = static_cast<u32>(to->value);
    if (address >> 8 == 0xe00000) {
      const Row* protocol = find(in(ip_fields, "ip.proto"));
      const bool joins = protocol != nullptr && protocol->value == 2;  // IGMP
      const unsigned wanted = local_ttl(address & 0xff, joins);
      if (wanted != 0 && ttl->value != wanted)
        add(Severity::note, "Sequence",
            fmt::format("\"Time To Live\" != {} for a packet sent to the Local Network Control "
                        "Block (see RFC 3171)",
                        wanted));
    } else if (ttl->value < 5 && address >> 28 != 0xe) {
      add(Severity::note, "Sequence", fmt::format("\"Time To Live\" only {}", ttl->value));
    }
  }

  // What protocols on 224.0.0.x send with; 0: anything.
  static unsigned local_ttl(u32 host, bool joins) {
    switch (host) {
      case 18:  // VRRP
        return 255;
      case 251:  // mDNS
        return joins ? 0 : 255;
      case 102:  // HSRP and GLBP
      case 252:  // LLMNR
        return 0;
      default:
        return 1;
    }
  }

  void ip_version_6() {
    const Row* length = find(in(ipv6_fields, "ipv6.plen"));
    const Row* version = find(in(ipv6_fields, "ipv6.version"));
    if (version != nullptr && version->value != 6)
      return add(Severity::error, "Malformed", "Bogus IPv6 version");
    if (length == nullptr || layer_.length_on_wire < 40) return;
    if (length->value > layer_.length_on_wire - 40)
      add(Severity::warn, "Protocol",
          fmt::format("IPv6 payload length exceeds framing length ({} bytes)",
                      layer_.length_on_wire - 40));
  }

  void datagram() {
    const Row* length = find(in(udp_fields, "udp.length"));
    const Row* to = find(in(udp_fields, "udp.dstport"));
    const Row* status = find(in(udp_found, "udp.checksum.status"));
    if (length == nullptr) return;
    if (layer_.malformed)
      return add(Severity::error, "Malformed",
                 fmt::format("Bad length value {} < 8", length->value));
    if (length->value > layer_.length_on_wire)
      add(Severity::error, "Malformed",
          fmt::format("Bad length value {} > IP payload length", length->value));
    if (status != nullptr && status->value == checksum_illegal)
      add(Severity::error, "Checksum", "Illegal checksum value (0)");
    // traceroute asks three times a hop, each time at the next port.
    constexpr u64 first = 33435, most = 30;
    if (to != nullptr && to->value >= first && to->value < first + most)
      add(Severity::chat, "Sequence",
          fmt::format("Possible traceroute: hop #{}, attempt #{}", (to->value - first) / 3 + 1,
                      (to->value - first) % 3 + 1));
  }

  const output::Shown& shown_;
  const dissect::Tree& tree_;
  u16 index_;
  const Layer& layer_;
  std::vector<Finding>& findings_;
};

}  // namespace

void find_in_layer(const output::Shown& shown, u16 layer, std::vector<Finding>& findings) {
  Layered{shown, layer, findings}.run();
}

}  // namespace trama::stats
