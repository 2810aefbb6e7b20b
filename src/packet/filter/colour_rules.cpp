#include "packet/filter/colour_rules.h"

#include <fmt/format.h>

namespace trama::filter {
namespace {

struct Row {
  std::string_view name;  // for who reads this table
  std::string_view filter;
  u32 text, ground;  // 0xRRGGBB
};

constexpr u32 dark = 0x12272e;  // nearly black

// Rules about protocols without words here (routing and redundancy protocols, SMB, SCTP) wait for
// them: a filter that does not parse is skipped.
constexpr Row rows[] = {
    {"TCP in trouble",
     "tcp.analysis.flags && !tcp.analysis.window_update && !tcp.analysis.keep_alive && "
     "!tcp.analysis.keep_alive_ack",                                                    0xf78787, dark    },
    {"spanning tree changes", "stp.type == 0x80",                                       0xfff59e, dark    },
    {"ICMP errors",           "icmp.type in {3..5, 11} || icmpv6.type in {1..4}",       0xb7f774, dark    },
    {"ARP",                   "arp",                                                    dark,     0xfaf0d7},
    {"ICMP",                  "icmp || icmpv6",                                         dark,     0xfce0ff},
    {"TCP resets",            "tcp.flags.reset == 1",                                   0xfffc9c, 0xa40000},
    {"SCTP aborts",           "sctp.chunk_type == 6",                                   0xfffc9c, 0xa40000},
    {"few hops left",
     "(ip.dst != 224.0.0.0/4 && ip.ttl < 5) || (ip.dst == 224.0.0.0/24 && "
     "ip.dst != 224.0.0.251 && ip.ttl != 1)",                                           0xf78787, dark    },
    {"wrong checksums",
     "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0", 0xf78787,
     dark                                                                                                 },
    {"SMB",                   "smb || smb2 || nbss || nbns || netbios",                 dark,     0xfeffd0},
    {"HTTP",                  "http || tcp.port == 80 || http2",                        dark,     0xe4ffc7},
    {"routing",               "ospf || bgp || rip || igmp",                             dark,     0xfff3d6},
    {"multicast groups",      "igmp",                                                   dark,     0xfff3d6},
    {"TCP opens or closes",   "tcp.flags & 0x02 || tcp.flags.fin == 1",                 dark,     0xa0a0a0},
    {"TCP",                   "tcp",                                                    dark,     0xe7e6ff},
    {"UDP",                   "udp",                                                    dark,     0xdaeeff},
    {"broadcast",             "eth[0] & 1",                                             0xbabdb6, 0xffffff},
};

constexpr unsigned red(u32 colour) { return colour >> 16; }
constexpr unsigned green(u32 colour) { return colour >> 8 & 255; }
constexpr unsigned blue(u32 colour) { return colour & 255; }

}  // namespace

ColourRules::ColourRules() {
  for (const Row& row : rows) {
    auto filter = Filter::parse(row.filter);
    if (!filter) continue;
    rules_.push_back(
        {std::move(*filter),
         fmt::format("\x1b[38;2;{};{};{};48;2;{};{};{}m", red(row.text), green(row.text),
                     blue(row.text), red(row.ground), green(row.ground), blue(row.ground))});
  }
}

std::string_view ColourRules::start_of(const dissect::Tree& tree) const {
  for (const Rule& rule : rules_)
    if (rule.filter.matches(tree)) return rule.start;
  return {};
}

}  // namespace trama::filter
