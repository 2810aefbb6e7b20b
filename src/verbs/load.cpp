#include "load/load.h"

#include <algorithm>
#include <array>

#include "load/tell.h"
#include "net/resolve.h"
#include "net/socket.h"
#include "verbs/verb.h"

namespace trama {
namespace {

using load::Expect;

constexpr Example examples[] = {
    {"trama load 127.0.0.1 65432",                       N_("one connection, one message after the other, for 5 s")},
    {"trama load 127.0.0.1 65432 -c 50 --pipeline 16",
     N_("50 connections, 16 messages under way on each")                                                           },
    {"trama load 127.0.0.1 65432 -c 50 --rate 20000",
     N_("20,000 messages a second, and how long each took")                                                        },
    {"trama load -u 127.0.0.1 65431 -c 4 --pipeline 32", N_("over UDP: answered, lost")                            },
    {"trama load 127.0.0.1 65432 -c 20 --accepts",
     N_("a connection for each message: accepts a second")                                                         },
};

constexpr Option options[] = {
    {"udp",          "u", "",         "",      N_("UDP instead of TCP")                                     },
    {"connections",  "c", "N",        "1",     N_("connections; UDP: sockets")                              },
    {"duration",     "d", "DURATION", "5s",    N_("how long (300ms, 2m); an hour at most")                  },
    {"size",         "s", "BYTES",    "64",    N_("length of a message")                                    },
    {"pipeline",     "p", "N",        "",
     N_("messages under way on each connection at most: 1, and 64 with --rate")                             },
    {"rate",         "r", "N",        "",      N_("so many messages a second, all together, at fixed times")},
    {"expect",       "e", "WHAT",     "upper", N_("what the server does: upper, echo, any, room, none")     },
    {"accepts",      "",  "",         "",      N_("a connection for each message")                          },
    {"timeout",      "w", "DURATION", "1s",
     N_("longest wait for a connection, and for an answer at the end")                                      },
    {"",             "4", "",         "",      N_("IPv4 only")                                              },
    {"",             "6", "",         "",      N_("IPv6 only")                                              },
    {"allow-public", "",  "",         "",
     N_("loads an address that is neither this machine's nor private too")                                  },
};

constexpr std::string_view notes = N_(
    "Every byte that comes back is compared: with the message in upper case, or as it was (echo). "
    "any\n"
    "takes each line, or datagram, for an answer; none awaits nothing; room lets the last "
    "connection\n"
    "write what all others must get. Without --rate each connection sends its next message when "
    "an\n"
    "answer came: a slow server is asked less. With --rate the times are fixed beforehand, and "
    "each\n"
    "message counts from its time, sent late or not. UDP: what has no answer within --timeout is "
    "lost.\n"
    "--accepts closes with RST, so that no port stays in TIME_WAIT; with --expect none it sends "
    "nothing.\n"
    "Status 0: all answers were right; 1: one was wrong or missing (UDP may lose some), or a "
    "connection\n"
    "was refused, reset or closed. Load only what is yours.");

Result<Expect> expect_of(std::string_view word) {
  constexpr std::array all{Expect::upper, Expect::echo, Expect::any, Expect::room, Expect::none};
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](Expect expect) { return load::name_of(expect) == word; });
  if (at == all.end())
    return fail(Exit::bad_input,
                say("--expect takes upper, echo, any, room or none, not \"{}\"", harmless(word)));
  return *at;
}

// What fits together, beyond each option's own bounds.
Result<void> check(const load::Plan& plan, bool window_given) {
  const bool udp = plan.transport == net::Transport::udp;
  const auto excluded = [](std::string_view one, std::string_view other) {
    return fail(Exit::bad_input, say("{} and {} exclude each other", one, other));
  };
  if (udp && plan.accepts) return excluded("--accepts", "-u");
  if (plan.accepts && plan.rate != 0) return excluded("--accepts", "--rate");
  if (plan.accepts && window_given) return excluded("--accepts", "--pipeline");
  if (plan.expect == Expect::room) {
    if (udp) return excluded("--expect room", "-u");
    if (plan.accepts) return excluded("--expect room", "--accepts");
    if (plan.connections < 2)
      return fail(Exit::bad_input,
                  say("--expect room needs two connections at least: one writes, others read"));
  }
  if (udp && (plan.size < load::smallest_datagram || plan.size > net::longest_udp_payload))
    return fail(Exit::bad_input, say("over UDP --size is {} to {}: a message is a datagram",
                                     load::smallest_datagram, net::longest_udp_payload));
  if (udp && plan.size * plan.window > 4 * load::most_size)
    return fail(Exit::bad_input, say("--size times --pipeline is at most 4MiB over UDP"));
  if (u64{plan.connections} * plan.window > load::most_under_way)
    return fail(Exit::bad_input,
                say("--connections times --pipeline is at most {}", load::most_under_way));
  return {};
}

Result<load::Plan> plan_of(const Parsed& parsed) {
  using std::chrono::nanoseconds;
  load::Plan plan;
  plan.transport = parsed.has("udp") ? net::Transport::udp : net::Transport::tcp;
  plan.accepts = parsed.has("accepts");
  const auto connections =
      parsed.has("connections") ? parsed.number("connections", 1, load::most_connections) : 1LL;
  if (!connections) return fail(connections);
  plan.connections = static_cast<u32>(*connections);
  const auto duration = parsed.duration("duration");
  if (!duration) return fail(duration);
  if (*duration <= nanoseconds{0} || *duration > std::chrono::hours{1})
    return fail(Exit::bad_input, say("--duration is more than 0 and at most 60m"));
  plan.duration = *duration;
  const auto patience = parsed.duration("timeout");
  if (!patience) return fail(patience);
  if (*patience <= nanoseconds{0} || *patience > std::chrono::minutes{1})
    return fail(Exit::bad_input, say("--timeout is more than 0 and at most 1m"));
  plan.patience = *patience;
  const auto size = parsed.size("size");
  if (!size) return fail(size);
  if (*size > load::most_size) return fail(Exit::bad_input, say("--size is at most 1MiB"));
  plan.size = *size;
  if (parsed.has("rate")) {
    const auto rate = parsed.number("rate", 1, 10'000'000);
    if (!rate) return fail(rate);
    plan.rate = static_cast<u64>(*rate);
    plan.window = 64;
  }
  if (parsed.has("pipeline")) {
    const auto window = parsed.number("pipeline", 1, load::most_window);
    if (!window) return fail(window);
    plan.window = static_cast<u32>(*window);
  }
  const auto expect = expect_of(parsed.text("expect"));
  if (!expect) return fail(expect);
  plan.expect = *expect;
  if (auto fits = check(plan, parsed.has("pipeline")); !fits) return fail(fits);
  return plan;
}

Result<std::vector<Endpoint>> peers_of(const Parsed& parsed, net::Transport transport) {
  auto operands = parsed.operands;
  if (operands.size() == 1) {  // HOST:PORT
    const auto word = operands[0];
    const auto colon = word.rfind(':');
    if (colon != word.npos && !parse_address(word)) {
      auto host = word.substr(0, colon);
      if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
      operands = {host, word.substr(colon + 1)};
    }
  }
  if (operands.size() != 2)
    return fail(Exit::bad_input, say("load needs HOST and PORT: trama load 127.0.0.1 65432"));
  if (parsed.has("4") && parsed.has("6"))
    return fail(Exit::bad_input, say("-4 and -6 exclude each other"));
  const auto port = net::port_of(operands[1], transport);
  if (!port) return fail(port);
  if (*port == 0)
    return fail(Exit::bad_input, say("nobody can be at port 0: it only means \"any\" to a server"));
  const auto family = parsed.has("4")   ? net::Family::v4
                      : parsed.has("6") ? net::Family::v6
                                        : net::Family::any;
  auto peers = net::resolve(operands[0], *port, family);
  if (!peers || parsed.has("allow-public")) return peers;
  for (const Endpoint& peer : *peers)
    if (!load::is_private(peer.address))
      return fail(Exit::bad_input,
                  say("{} is a public address, and load is made to be a burden: if that server is "
                      "yours to load, add --allow-public",
                      to_string(peer.address)));
  return peers;
}

// Why nothing could be loaded.
Error no_connection(const load::Plan& plan, const load::Report& report) {
  const auto peer = to_string(plan.peer);
  if (report.refused > 0)
    return {plan.transport == net::Transport::udp
                ? say("{} refused (ICMP port unreachable): no program has that UDP port open", peer)
                : say("{} refused the connection (RST): no program listens there", peer),
            0, Exit::no};
  if (report.timed_out > 0)
    return {say("{} does not answer: no connection within {}", peer,
                fmt::format("{:g} s", std::chrono::duration<double>(plan.patience).count())),
            0, Exit::no};
  return {say("no connection to {}: {}", peer, errno_text(report.error)), report.error, Exit::no};
}

Result<Exit> run(const Parsed& parsed, Io& io) {
  auto plan = plan_of(parsed);
  if (!plan) return fail(plan);
  const auto peers = peers_of(parsed, plan->transport);
  if (!peers) return fail(peers);
  net::hold_standard_descriptors();
  plan->peer = load::reachable(*plan, *peers);
  auto poller = load::Poller::make();  // Ctrl-C is heard from here on
  if (!poller) return fail(poller);
  if (!io.json) load::announce(io.out, *plan);
  const auto report = load::run(*plan, *poller);
  if (!report) return fail(report);
  if (io.json) load::tell_json(io.out, *plan, *report);
  const bool nobody =
      !report->interrupted && (report->opened == 0 || report->refused > 0) && report->answered == 0;
  if (nobody && !io.json) return tl::make_unexpected(no_connection(*plan, *report));
  if (!io.json) load::tell(io.out, io.terminal, *plan, *report);
  if (report->interrupted) return Exit::interrupted;
  return report->is_good(*plan) ? Exit::yes : Exit::no;
}

}  // namespace

extern const Verb load_verb;
const Verb load_verb{
    "load",
    N_("asks a TCP or UDP server as fast as it answers, or at a rate; measures it"),
    "[-u] HOST PORT",
    examples,
    options,
    notes,
    run};

}  // namespace trama
