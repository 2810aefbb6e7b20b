// The table of reports, and finding one by what stands behind -z.
#include <algorithm>

#include "base/options.h"
#include "base/say.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

struct Row {
  std::string_view name;   // as typed behind -z
  std::string_view kind;   // what it is told, "tcp"
  std::string_view takes;  // what may follow the name
  std::string_view says;
  Result<std::unique_ptr<Report>> (*make)(std::string_view kind, std::string_view rest);
};

constexpr Row rows[] = {
    {"io,phs",         "",     "[,FILTER]",                                N_("which protocols carry which, with packets and bytes"),
     make_hierarchy                                                                                                                                     },
    {"io,stat",        "",     ",INTERVAL[,FILTER]...",
     N_("packets and bytes by interval; a column a filter, or COUNT, SUM, MIN, MAX, AVG(field)"),
     make_intervals                                                                                                                                     },
    {"conv,eth",       "eth",  "[,FILTER]",                                N_("who talks with whom: hardware addresses"),
     make_conversations                                                                                                                                 },
    {"conv,ip",        "ip",   "[,FILTER]",                                N_("who talks with whom: IPv4 addresses"),                 make_conversations},
    {"conv,ipv6",      "ipv6", "[,FILTER]",                                N_("who talks with whom: IPv6 addresses"),
     make_conversations                                                                                                                                 },
    {"conv,tcp",       "tcp",  "[,FILTER]",                                N_("TCP connections"),                                     make_conversations},
    {"conv,udp",       "udp",  "[,FILTER]",                                N_("UDP exchanges"),                                       make_conversations},
    {"endpoints,eth",  "eth",  "[,FILTER]",                                N_("what each hardware address sent and received"),
     make_endpoints                                                                                                                                     },
    {"endpoints,ip",   "ip",   "[,FILTER]",                                N_("what each IPv4 address sent and received"),
     make_endpoints                                                                                                                                     },
    {"endpoints,ipv6", "ipv6", "[,FILTER]",                                N_("what each IPv6 address sent and received"),
     make_endpoints                                                                                                                                     },
    {"endpoints,tcp",  "tcp",  "[,FILTER]",                                N_("what each TCP port sent and received"),
     make_endpoints                                                                                                                                     },
    {"endpoints,udp",  "udp",  "[,FILTER]",                                N_("what each UDP port sent and received"),
     make_endpoints                                                                                                                                     },
    {"expert",         "",     "[,error|warn|note|chat|comment][,FILTER]",
     N_("what is worth a look, by severity: tcp.analysis, resets, malformed packets, requests"),
     make_expert                                                                                                                                        },
    {"flow,tcp",       "tcp",  ",standard|network[,FILTER]",
     N_("TCP segments as arrows between the hosts"),                                                                                  make_flow         },
    {"flow,any",       "any",  ",standard|network[,FILTER]",               N_("packets as arrows between the hosts"),
     make_flow                                                                                                                                          },
    {"follow,tcp",     "tcp",  ",ascii|hex|raw|yaml|ebcdic,STREAM",
     N_("what both programs of a TCP connection said, in order"),                                                                     make_follow       },
    {"follow,udp",     "udp",  ",ascii|hex|raw|yaml|ebcdic,STREAM",
     N_("what both programs of a UDP exchange said"),                                                                                 make_follow       },
};

}  // namespace

Result<std::unique_ptr<Report>> make_report(std::string_view text) {
  for (const Row& row : rows) {
    const bool hosts = row.name.starts_with("endpoints,") && text.starts_with("hosts,") &&
                       text.substr(5).starts_with(row.name.substr(9));
    const auto name = hosts ? row.name.substr(4) : row.name;  // tshark's older word
    if (!hosts && !text.starts_with(name)) continue;
    const auto rest = text.substr(std::min(text.size(), name.size()));
    if (!rest.empty() && rest[0] != ',') continue;
    return row.make(row.kind, rest.substr(rest.empty() ? 0 : 1));
  }
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  const auto second = text.find(',', std::min(text.size(), text.find(',') + 1));
  const auto near = nearest(text.substr(0, second), names);
  if (near.empty())
    return fail(Exit::bad_input,
                say("-z: there is no report \"{}\"; -z help lists all", harmless(text)));
  return fail(Exit::bad_input, say("-z: there is no report \"{}\": did you mean {}? -z help lists "
                                   "all",
                                   harmless(text), near));
}

std::string reports_help() {
  std::string text;
  unsigned widest = 0;
  for (const Row& row : rows)
    widest = std::max<unsigned>(widest, static_cast<unsigned>(row.name.size() + row.takes.size()));
  for (const Row& row : rows)
    text += fmt::format("  {}  {}\n", padded(fmt::format("{}{}", row.name, row.takes), widest),
                        translated(row.says));
  return text;
}

Result<Choice> choice_of(std::string_view text) {
  Choice choice;
  if (text.find_first_not_of(" \t") == text.npos) return choice;
  auto parsed = filter::Filter::parse(text);
  if (!parsed) return fail(parsed);
  choice.text = text;
  choice.filter.emplace(std::move(*parsed));
  return choice;
}

}  // namespace trama::stats
