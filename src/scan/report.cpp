#include "scan/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/say.h"
#include "scan/evidence.h"

namespace trama::scan {
namespace {

using host::Transport;
using Group = std::pair<Transport, PortState>;

constexpr std::size_t most_lines = 25;  // of one state; more are told by their number, as nmap does
constexpr std::size_t states = 4;

std::string_view name_of_transport(Transport transport) {
  return transport == Transport::tcp ? "tcp" : "udp";
}

Colour colour_of(PortState state) {
  constexpr Colour colours[] = {Colour::green, Colour::red, Colour::yellow, Colour::yellow};
  return colours[static_cast<u8>(state)];
}

// What nobody should miss in a crowd of closed ports: a socket is there, and yet it is not open.
bool is_remarkable(const Verdict& verdict, const Local& local) {
  return verdict.state == PortState::open ||
         (local.finding != Finding::unknown && local.finding != Finding::nobody &&
          local.finding != Finding::bound);
}

struct Crowd {
  std::size_t ports = 0;
  std::map<std::string, std::size_t> reasons;
};

std::string crowd_text(const Group& group, const Crowd& crowd) {
  std::vector<std::pair<std::size_t, std::string>> reasons;
  for (const auto& [reason, count] : crowd.reasons) reasons.emplace_back(count, reason);
  std::sort(reasons.rbegin(), reasons.rend());
  std::string why;
  for (std::size_t i = 0; i < std::min<std::size_t>(reasons.size(), 3); ++i) {
    if (!why.empty()) why += ", ";
    why += reasons.size() == 1 ? reasons[i].second
                               : fmt::format("{} {}", reasons[i].first, reasons[i].second);
  }
  return say("Not shown: {} {} {} ports ({})", crowd.ports, name_of(group.second),
             name_of_transport(group.first), why);
}

using Row = std::array<std::string, 4>;

void write_rows(Out& out, const Terminal& terminal, const std::vector<Row>& rows,
                const std::vector<PortState>& state_of_row) {
  const Row head{say("PORT"), say("STATE"), say("SERVICE"), say("REASON")};
  std::array<unsigned, 4> widths{};
  for (std::size_t i = 0; i < 4; ++i) {
    widths[i] = width(head[i]);
    for (const Row& row : rows) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto line = [&](const Row& row, Colour colour) {
    return fmt::format("{}  {}  {}  {}\n", padded(row[0], widths[0]),
                       terminal.paint(colour, padded(row[1], widths[1])), padded(row[2], widths[2]),
                       row[3]);
  };
  out.write(line(head, Colour::plain));
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.write(line(rows[i], colour_of(state_of_row[i])));
}

}  // namespace

void Tally::add(const HostResult& result) {
  ++hosts;
  not_probed += result.asked - result.verdicts.size();
  std::size_t* counts[states] = {&open, &closed, &filtered, &open_or_filtered};
  for (const Verdict& verdict : result.verdicts) ++*counts[static_cast<u8>(verdict.state)];
}

std::string title_of(const Host& host) {
  const std::string address = to_string(host.target.at.address);
  std::string title =
      host.name == address ? address : fmt::format("{} ({})", harmless(host.name), address);
  if (host.target.local) title += say(", this machine");
  return title;
}

void write_host(Out& out, const Terminal& terminal, const Host& host, const HostResult& result,
                bool only_open) {
  std::map<Group, std::size_t> sizes;
  for (const Verdict& verdict : result.verdicts) ++sizes[{verdict.transport, verdict.state}];
  std::map<Group, Crowd> crowds;
  std::vector<Row> rows;
  std::vector<PortState> state_of_row;
  for (std::size_t i = 0; i < result.verdicts.size(); ++i) {
    const Verdict& verdict = result.verdicts[i];
    if (only_open && verdict.state != PortState::open) continue;
    const Group group{verdict.transport, verdict.state};
    if (sizes[group] > most_lines && !is_remarkable(verdict, result.locals[i])) {
      Crowd& crowd = crowds[group];
      ++crowd.ports;
      ++crowd.reasons[short_reason_of(verdict)];
      continue;
    }
    rows.push_back({fmt::format("{}/{}", verdict.port, name_of_transport(verdict.transport)),
                    std::string{name_of(verdict.state)},
                    harmless(service_name(verdict.transport, verdict.port)),
                    reason_of(verdict, result.locals[i], host.target.at.address)});
    state_of_row.push_back(verdict.state);
  }
  out.print("{}\n", terminal.paint(Colour::bold, title_of(host)));
  for (const auto& [group, crowd] : crowds) out.print("{}\n", crowd_text(group, crowd));
  if (!rows.empty()) write_rows(out, terminal, rows, state_of_row);
  if (rows.empty() && only_open) out.print("{}\n", say("No port is open."));
  if (result.held_back)
    out.print("{}\n",
              say("Hosts limit their ICMP errors, so silent UDP ports may be closed too. Fewer "
                  "ports, or --max-rate 1, tell more."));
  out.write("\n");
}

void write_end(Out& out, const Tally& tally, Clock::duration took, bool interrupted) {
  const std::size_t ports = tally.open + tally.closed + tally.filtered + tally.open_or_filtered;
  std::string counts;
  const std::pair<std::size_t, PortState> rows[] = {
      {tally.open,             PortState::open            },
      {tally.closed,           PortState::closed          },
      {tally.filtered,         PortState::filtered        },
      {tally.open_or_filtered, PortState::open_or_filtered}
  };
  for (const auto& [count, state] : rows)
    if (count > 0 || state == PortState::open)
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, name_of(state));
  if (interrupted) out.print("{} ", say("Interrupted."));
  out.print("{}\n", say_n("{} port in {}: {}", "{} ports in {}: {}", ports, ports,
                          duration_text(took), counts));
  if (tally.not_probed > 0)
    out.print("{}\n",
              say_n("{} port was not probed to its end.", "{} ports were not probed to their end.",
                    tally.not_probed, tally.not_probed));
}

std::string start_json(const Host& host, const Plan& plan) {
  return JsonLine{"scan.start"}
      .text("host", host.name)
      .text("address", to_string(host.target.at.address))
      .boolean("local", host.target.local)
      .number("tcp_ports", plan.ports.tcp.size())
      .number("udp_ports", plan.ports.udp.size())
      .line();
}

void write_host_json(Out& out, const Host& host, const HostResult& result, bool only_open) {
  const std::string address = to_string(host.target.at.address);
  constexpr std::string_view findings[] = {"unknown",           "nobody", "waits",
                                           "accept_queue_full", "bound",  "elsewhere"};
  for (std::size_t i = 0; i < result.verdicts.size() && out.is_open(); ++i) {
    const Verdict& verdict = result.verdicts[i];
    const Local& local = result.locals[i];
    if (only_open && verdict.state != PortState::open) continue;
    JsonLine line{"scan.port"};
    line.text("address", address)
        .text("transport", name_of_transport(verdict.transport))
        .number("port", verdict.port)
        .text("state", name_of(verdict.state))
        .text("service", service_name(verdict.transport, verdict.port))
        .text("reason", name_of(verdict.proof))
        .number("probes", verdict.probes)
        .seconds("seconds", verdict.took.count());
    if (verdict.proof == Proof::icmp)
      line.number("icmp_type", verdict.icmp.type)
          .number("icmp_code", verdict.icmp.code)
          .text("icmp_from", to_string(verdict.icmp.from));
    if (verdict.proof == Proof::answer) line.number("bytes", verdict.bytes);
    if (verdict.proof == Proof::local_error) line.text("error", errno_text(verdict.error));
    if (local.finding != Finding::unknown) {
      line.open("local", '{').text("finding", findings[static_cast<u8>(local.finding)]);
      if (local.finding != Finding::nobody) {
        line.text("bound_to", to_string(local.socket.local.address));
        if (local.socket.state == host::TcpState::listen)
          line.number("accept_queue", local.socket.receive_queue)
              .number("backlog", local.socket.send_queue);
        line.open("processes", '[');
        for (const host::Process& owner : local.processes)
          line.open_element()
              .number("pid", owner.pid)
              .text("program", owner.program)
              .number("fd", owner.fd)
              .close('}');
        line.close(']');
      }
      line.close('}');
    }
    out.write(line.line());
  }
}

std::string end_json(const Tally& tally, Clock::duration took, bool interrupted) {
  return JsonLine{"scan.end"}
      .number("hosts", tally.hosts)
      .number("open", tally.open)
      .number("closed", tally.closed)
      .number("filtered", tally.filtered)
      .number("open_filtered", tally.open_or_filtered)
      .number("not_probed", tally.not_probed)
      .seconds("seconds", std::chrono::nanoseconds{took}.count())
      .boolean("interrupted", interrupted)
      .line();
}

std::string progress_line(const Control& control, Clock::duration since) {
  using namespace std::chrono_literals;
  if (since < 1s || control.total == 0) return {};
  const std::string left =
      control.done == 0 ? "?"
                        : duration_text(since * static_cast<i64>(control.total - control.done) /
                                        static_cast<i64>(control.done));
  return fmt::format("\r{}\x1b[K",
                     say("{} % of {} ports, {} open, about {} left",
                         control.done * 100 / control.total, control.total, control.open, left));
}

}  // namespace trama::scan
