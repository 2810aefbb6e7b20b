#include "scan/ports.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/address.h"
#include "base/say.h"
#include "base/terminal.h"

namespace trama::scan {
namespace {

// Chosen by hand from the IANA registry and the default ports of Debian's servers.
constexpr u16 common_tcp[] = {
    7,    9,    13,   21,   22,   23,   25,   37,   43,   53,   70,   79,    80,    81,   88,
    110,  111,  113,  119,  135,  139,  143,  179,  194,  389,  427,  443,   444,   445,  464,
    465,  512,  513,  514,  515,  543,  548,  554,  587,  593,  631,  636,   646,   873,  902,
    989,  990,  992,  993,  995,  1080, 1194, 1352, 1433, 1521, 1723, 1883,  2000,  2049, 2181,
    2222, 2375, 2379, 3000, 3128, 3260, 3306, 3389, 3690, 4000, 4222, 4369,  5000,  5001, 5060,
    5222, 5432, 5601, 5672, 5900, 5901, 5984, 6000, 6379, 6443, 6667, 7000,  8000,  8008, 8080,
    8081, 8086, 8443, 8883, 8888, 9000, 9090, 9092, 9100, 9200, 9418, 10000, 11211, 27017};
constexpr u16 common_udp[] = {7,    9,    13,   19,   37,   53,   67,    68,   69,   88,   111,
                              123,  135,  137,  138,  161,  162,  177,   389,  427,  443,  464,
                              500,  514,  518,  520,  546,  547,  623,   631,  1194, 1434, 1645,
                              1646, 1701, 1812, 1813, 1900, 2049, 3478,  4500, 4789, 5004, 5060,
                              5353, 5355, 5683, 6081, 8125, 8472, 11211, 51820};
constexpr u16 lesson_udp = 65431;
constexpr u16 lesson_tcp = 65432;

void tidy(std::vector<u16>& ports) {
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
}

struct Range {
  u16 low, high;
};

// "22", "1-1024", "-", "-100", "60000-": a missing bound is 1 or 65535, as nmap has it.
std::optional<Range> range_of(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) {
    const auto port = parse_port(text);
    return port ? std::optional<Range>{{*port, *port}} : std::nullopt;
  }
  const auto first = text.substr(0, dash);
  const auto second = text.substr(dash + 1);
  const auto low = first.empty() ? std::optional<u16>{1} : parse_port(first);
  const auto high = second.empty() ? std::optional<u16>{65535} : parse_port(second);
  return low && high ? std::optional<Range>{{*low, *high}} : std::nullopt;
}

std::optional<u16> port_named(std::string_view name, const char* protocol) {
  const servent* service = getservbyname(std::string{name}.c_str(), protocol);
  return service == nullptr ? std::nullopt
                            : std::optional<u16>{ntohs(static_cast<u16>(service->s_port))};
}

Result<void> add(std::string_view item, std::vector<u16>* tcp, std::vector<u16>* udp) {
  if (const auto range = range_of(item)) {
    if (range->low > range->high)
      return fail(Exit::bad_input,
                  say("the range {} runs backwards; write {}-{}", item, range->high, range->low));
    for (auto* ports : {tcp, udp})
      for (unsigned port = range->low; ports != nullptr && port <= range->high; ++port)
        ports->push_back(static_cast<u16>(port));
    return {};
  }
  bool found = false;
  for (const auto& [ports, protocol] : {
           std::pair{tcp, "tcp"},
           std::pair{udp, "udp"}
  }) {
    if (ports == nullptr) continue;
    const auto port = port_named(item, protocol);
    if (!port) continue;
    ports->push_back(*port);
    found = true;
  }
  if (found) return {};
  return fail(Exit::bad_input,
              say("\"{}\" is neither a port (0 to 65535), a range as 1-1024, nor a "
                  "service of this system",
                  harmless(item)));
}

// The database read once, as asking it for each of 65,535 ports would read the file as often.
class Services {
 public:
  Services() {
    setservent(1);
    while (const servent* entry = getservent()) {
      const std::string_view protocol = entry->s_proto;
      if (protocol != "tcp" && protocol != "udp") continue;
      rows_.push_back({protocol == "tcp" ? host::Transport::tcp : host::Transport::udp,
                       ntohs(static_cast<u16>(entry->s_port)), entry->s_name});
    }
    endservent();
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.key() < b.key(); });
  }
  struct Row {
    host::Transport transport;
    u16 port;
    std::string name;
    [[nodiscard]] std::pair<host::Transport, u16> key() const { return {transport, port}; }
  };
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const Row* find(host::Transport transport, u16 port) const {
    const std::pair key{transport, port};
    const auto at =
        std::lower_bound(rows_.begin(), rows_.end(), key,
                         [](const Row& row, auto wanted) { return row.key() < wanted; });
    return at != rows_.end() && at->key() == key ? &*at : nullptr;
  }

 private:
  std::vector<Row> rows_;
};

const Services& services() {
  static const Services read_once;
  return read_once;
}

}  // namespace

Result<Ports> parse_ports(std::string_view list) {
  Ports ports;
  auto* tcp = &ports.tcp;
  auto* udp = &ports.udp;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    auto item = list.substr(0, comma);
    more = comma != list.npos;
    list.remove_prefix(more ? comma + 1 : list.size());
    if (item.size() >= 2 && item[1] == ':' && std::string_view{"TtUu"}.find(item[0]) != item.npos) {
      const bool is_tcp = item[0] == 'T' || item[0] == 't';
      tcp = is_tcp ? &ports.tcp : nullptr;
      udp = is_tcp ? nullptr : &ports.udp;
      item.remove_prefix(2);
    }
    if (auto added = add(item, tcp, udp); !added) return fail(added);
  }
  tidy(ports.tcp);
  tidy(ports.udp);
  return ports;
}

Ports common_ports() {
  Ports ports{
      {std::begin(common_tcp), std::end(common_tcp)},
      {std::begin(common_udp), std::end(common_udp)}
  };
  ports.tcp.push_back(lesson_tcp);
  ports.udp.push_back(lesson_udp);
  return ports;
}

Ports known_ports() {
  Ports ports = common_ports();
  for (const auto& row : services().rows())
    (row.transport == host::Transport::tcp ? ports.tcp : ports.udp).push_back(row.port);
  for (auto* some : {&ports.tcp, &ports.udp}) {
    some->push_back(lesson_udp);
    some->push_back(lesson_tcp);
    tidy(*some);
  }
  return ports;
}

std::string service_name(host::Transport transport, u16 port) {
  const auto* row = services().find(transport, port);
  return row == nullptr ? "unknown" : row->name;
}

}  // namespace trama::scan
