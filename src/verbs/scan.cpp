// Which ports are open, closed or filtered, and the evidence: connect() for TCP, the error queue
// for UDP; no right is needed.
#include "scan/scan.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/json.h"
#include "net/loop.h"
#include "scan/report.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama scan localhost",                         N_("the ports that have a name, over TCP")       },
    {"trama scan -p 65432 localhost",                N_("one port: open, closed or filtered, and why")},
    {"trama scan -sU -p 65431 localhost",            N_("over UDP; no right is needed")               },
    {"trama scan -p- --open 127.0.0.1",              N_("all 65,535 ports, only the open ones shown") },
    {"trama scan -sT -sU -p T:22,80,U:53 192.0.2.7", N_("TCP and UDP in one go")                      },
};

constexpr Option options[] = {
    {"ports",        "p",  "LIST",     "",
     N_("22,80,1000-2000, - for all, ssh, T:80,U:53; without it those that have a name")          },
    {"",             "s",  "T|U",      "T", N_("-sT TCP by connect(), -sU UDP; both may be given")},
    {"fast",         "F",  "",         "",  N_("only about a hundred common ports")               },
    {"open",         "",   "",         "",  N_("only open ports")                                 },
    {"timing",       "T",  "0-5",      "3", N_("patience: -T0 the slowest, -T5 the hastiest")     },
    {"max-rate",     "",   "NUMBER",   "",  N_("at most so many probes a second")                 },
    {"max-retries",  "",   "NUMBER",   "",  N_("at most so many repetitions for a silent port")   },
    {"host-timeout", "",   "DURATION", "",  N_("leaves a host after this time (30s, 5m)")         },
    {"data-string",  "",   "TEXT",     "",  N_("what UDP probes carry; otherwise nothing")        },
    {"",             "r",  "",         "",  N_("ports in order, not at random")                   },
    {"ipv4",         "4",  "",         "",  N_("only IPv4 addresses of names")                    },
    {"ipv6",         "6",  "",         "",  N_("only IPv6 addresses of names")                    },
    {"verbose",      "v",  "",         "",  N_("tells first what will be done")                   },
    {"",             "Pn", "",         "",  N_("no ping before (always so)")                      },
    {"",             "n",  "",         "",  N_("no names for addresses (always so)")              },
    {"reason",       "",   "",         "",  N_("the evidence (always shown)")                     },
};

constexpr std::string_view notes = N_(
    "open: a connection or an answer came. closed: a RST, or ICMP 3/3 from the host. filtered: "
    "another\n"
    "ICMP error, or silence. open|filtered: UDP silence, which proves nothing.\n"
    "For this machine's own addresses the socket table is asked too: who listens, whether its "
    "accept\n"
    "queue is full, whether it is bound to one address only, and which silent UDP ports are open.\n"
    "Exit status: 0 a port is open, 1 none is or a host is unknown, 2 wrong usage, 130 ended by "
    "Ctrl-C.\n"
    "Scan only hosts that you may scan.");

struct Kinds {
  bool tcp = false, udp = false;
};

// -sT, -sU, -sTU; the others of nmap's are explained.
Result<Kinds> kinds_of(const Parsed& given) {
  Kinds kinds;
  for (const auto value : given.all("s"))
    for (const char letter : value) {
      if (letter == 'T')
        kinds.tcp = true;
      else if (letter == 'U')
        kinds.udp = true;
      else if (letter == 'S')
        return fail(Exit::bad_input,
                    say("-sS sends raw SYNs; -sT comes to the same verdicts without any right"));
      else
        return fail(Exit::bad_input, say("-s takes T (TCP) or U (UDP), not \"{}\"", value));
    }
  if (!kinds.tcp && !kinds.udp) {  // the list decides: plain ports mean TCP
    const auto list = given.text("ports");
    const auto names = [&](std::string_view upper, std::string_view lower) {
      return list.find(upper) != list.npos || list.find(lower) != list.npos;
    };
    kinds.udp = names("U:", "u:");
    kinds.tcp = !kinds.udp || names("T:", "t:");
  }
  return kinds;
}

Result<scan::Plan> plan_of(const Parsed& given) {
  scan::Plan plan;
  if (const auto list = given.last("ports")) {
    auto ports = scan::parse_ports(*list);
    if (!ports) return fail(ports);
    plan.ports = std::move(*ports);
  } else {
    plan.ports = given.has("fast") ? scan::common_ports() : scan::known_ports();
  }
  const auto kinds = kinds_of(given);
  if (!kinds) return fail(kinds);
  if (!kinds->tcp) plan.ports.tcp.clear();
  if (!kinds->udp) plan.ports.udp.clear();
  if (plan.ports.tcp.empty() && plan.ports.udp.empty())
    return fail(Exit::bad_input, say("no port is left to scan: U: ports need -sU, T: ports -sT"));
  const auto timing = given.number("timing", 0, 5);
  if (!timing) return fail(timing);
  plan.timing = static_cast<unsigned>(*timing);
  if (given.has("max-rate")) {
    const auto rate = given.number("max-rate", 1, 10'000'000);
    if (!rate) return fail(rate);
    plan.max_rate = static_cast<double>(*rate);
  }
  if (given.has("max-retries")) {
    const auto retries = given.number("max-retries", 0, 100);
    if (!retries) return fail(retries);
    plan.retries = static_cast<unsigned>(*retries);
  }
  if (given.has("host-timeout")) {
    const auto timeout = given.duration("host-timeout");
    if (!timeout) return fail(timeout);
    plan.host_timeout = *timeout;
  }
  plan.in_order = given.has("r");
  plan.payload = given.text("data-string");
  return plan;
}

struct Hosts {
  std::vector<scan::Host> found;  // each address once
  std::vector<std::pair<std::string_view, Error>> unknown;
};

// Error: wrong usage, or no host is left.
Result<Hosts> hosts_of(const Parsed& given) {
  if (given.operands.empty())
    return fail(Exit::bad_input, say("which host? trama scan -p 65432 localhost"));
  if (given.has("ipv4") && given.has("ipv6"))
    return fail(Exit::bad_input, say("-4 and -6 exclude each other"));
  const auto family = given.has("ipv4")   ? scan::Family::ipv4
                      : given.has("ipv6") ? scan::Family::ipv6
                                          : scan::Family::any;
  Hosts hosts;
  for (const auto name : given.operands) {
    auto host = scan::resolve(name, family);
    if (!host) {
      if (host.error().exit == Exit::bad_input || given.operands.size() == 1) return fail(host);
      hosts.unknown.emplace_back(name, host.error());
      continue;
    }
    const bool twice = std::any_of(hosts.found.begin(), hosts.found.end(), [&](const auto& other) {
      return other.target.at == host->target.at;
    });
    if (!twice) hosts.found.push_back(std::move(*host));
  }
  return hosts;
}

void tell_unknown(const Hosts& hosts, Io& io) {
  for (const auto& [name, error] : hosts.unknown)
    if (io.json)
      io.out.write(JsonLine{"scan.unknown"}
                       .text("host", name)
                       .text("sentence", error.sentence)
                       .number("status", static_cast<int>(error.exit))
                       .line());
    else
      io.err.print("{}\n", say("{}: left out", error.sentence));
  io.err.flush();
}

// "Scanning localhost (127.0.0.1), this machine: 1 TCP port"
std::string intention(const scan::Host& host, const scan::Ports& ports) {
  std::string text = say("Scanning {}:", scan::title_of(host));
  if (const auto n = ports.tcp.size(); n > 0) text += say_n(" {} TCP port", " {} TCP ports", n, n);
  if (!ports.tcp.empty() && !ports.udp.empty()) text += ",";
  if (const auto n = ports.udp.size(); n > 0) text += say_n(" {} UDP port", " {} UDP ports", n, n);
  return text;
}

// One line on the terminal's standard error, only while a scan lasts longer than a second.
class Progress {
 public:
  Progress(scan::Control& control, Io& io) : control_(control), io_(io) {
    if (!terminal_of(2).is_tty) return;
    control_.tick = [this] { show(); };
  }
  void clear() {
    if (shown_) io_.err.write("\r\x1b[K");
    io_.err.flush();
    shown_ = false;
  }

 private:
  void show() {
    const auto now = scan::Clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds{250};
    const std::string line = scan::progress_line(control_, now - start_);
    if (line.empty()) return;
    io_.err.write(line);
    io_.err.flush();
    shown_ = true;
  }

  scan::Control& control_;
  Io& io_;
  scan::Clock::time_point start_ = scan::Clock::now(), next_{};
  bool shown_ = false;
};

Result<Exit> run(const Parsed& given, Io& io) {
  const auto plan = plan_of(given);
  if (!plan) return fail(plan);
  const auto hosts = hosts_of(given);
  if (!hosts) return fail(hosts);
  const auto loop = net::Loop::make();
  if (!loop) return fail(loop);
  scan::Control control{**loop};
  if (auto watched = (*loop)->on_signals({SIGINT, SIGTERM}, [&](int) { control.stop = true; });
      !watched)
    return fail(watched);
  const std::size_t ports = plan->ports.tcp.size() + plan->ports.udp.size();
  control.total = hosts->found.size() * ports;
  tell_unknown(*hosts, io);
  Progress progress{control, io};
  scan::Tally tally;
  const bool only_open = given.has("open");
  const auto start = scan::Clock::now();
  for (const scan::Host& host : hosts->found) {
    if (given.has("verbose")) {
      io.err.print("{}\n", intention(host, plan->ports));
      io.err.flush();
    }
    if (io.json) io.out.write(scan::start_json(host, *plan));
    const auto result = scan::scan_host(host, *plan, control);
    progress.clear();
    if (!result) return fail(result);
    tally.add(*result);
    if (io.json)
      scan::write_host_json(io.out, host, *result, only_open);
    else
      scan::write_host(io.out, io.terminal, host, *result, only_open);
    io.out.flush();
    if (control.stop || !io.out.is_open()) break;
  }
  const auto took = scan::Clock::now() - start;
  if (io.json)
    io.out.write(scan::end_json(tally, took, control.stop));
  else
    scan::write_end(io.out, tally, took, control.stop);
  if (control.stop) return Exit::interrupted;
  return tally.open > 0 && hosts->unknown.empty() ? Exit::yes : Exit::no;
}

}  // namespace

extern const Verb scan_verb;
const Verb scan_verb{
    "scan",
    N_("finds out which ports are open, closed or filtered, and shows the evidence"),
    "[-p PORTS] [-sT] [-sU] HOST...",
    examples,
    options,
    notes,
    run};

}  // namespace trama
