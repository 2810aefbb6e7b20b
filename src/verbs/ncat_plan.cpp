#include "verbs/ncat_plan.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/say.h"
#include "verbs/ncat_hosts.h"

namespace trama {
namespace {

using connect::Request;
using net::Transport;
using namespace std::chrono_literals;

constexpr auto usual_wait = 10s;
constexpr auto udp_farewell = 500ms;  // an answer to the last datagram may still come

tl::unexpected<NcatQuit> quit(std::string sentence) {
  return tl::make_unexpected(NcatQuit{std::move(sentence)});
}

// "5", "500ms", "2m", "1h": more than nothing.
std::optional<std::chrono::nanoseconds> time_of(const std::string& text) {
  constexpr std::chrono::nanoseconds longest = 2147483s;
  const auto time = parse_duration(text, 1s);
  if (!time || *time <= 0ns || *time > longest) return std::nullopt;
  return *time;
}

NcatChecked<void> take_times(Request& request, const NetcatWords& words) {
  const auto take = [&](std::string_view letter, std::string_view what,
                        std::optional<std::chrono::nanoseconds>& into) -> NcatChecked<void> {
    const auto text = words.last(letter);
    if (!text) return {};
    into = time_of(*text);
    if (into) return {};
    return quit(
        fmt::format("Invalid -{} {} \"{}\" (must be greater than 0 and less than 2147483s).",
                    letter, what, *text));
  };
  request.wait = usual_wait;
  request.wait_only_connects = true;
  if (auto taken = take("w", "timeout", request.wait); !taken) return taken;
  if (auto taken = take("i", "timeout", request.idle); !taken) return taken;
  return take("d", "delay", request.pace);
}

// The one place where -e, -c and --lua-exec get their meaning: a program talks instead of the
// person, in connect mode, with -l, and with -lk each client with its own.
NcatChecked<void> take_command(Request& request, const NetcatWords& words) {
  if (words.has("e") + words.has("c") + words.has("lua-exec") > 1)
    return quit("Only one of --exec, --sh-exec, and --lua-exec is allowed.");
  if (const auto command = words.last("e")) request.command = connect::Command{*command, false};
  if (const auto command = words.last("c")) request.command = connect::Command{*command, true};
  return {};
}

NcatChecked<void> take_proxy(NcatPlan& plan, const NetcatWords& words) {
  const auto type = words.last("proxy-type").value_or("http");
  if (plan.listens && words.has("proxy-type")) {
    if (type != "http")
      return quit(fmt::format(
          "Invalid proxy type \"{}\"; Ncat proxy server only supports \"http\".", type));
    return quit(say("-l --proxy-type http: to be a proxy is not supported") + ".");
  }
  if (type != "http" && type != "socks4" && type != "socks5")
    return quit(fmt::format("Invalid proxy type \"{}\".", type));
  const auto at = words.last("proxy");
  if (!at) return {};
  if (plan.listens) return quit("Invalid option combination: --proxy and -l.");
  if (words.has("u"))
    return quit(say("--proxy and -u exclude each other: proxies carry streams") + ".");
  const char* from_environment = std::getenv("NCAT_PROXY_AUTH");
  const auto text =
      words.last("proxy-auth").value_or(from_environment == nullptr ? "" : from_environment);
  std::optional<connect::Login> login;
  if (const auto colon = text.find(':'); !text.empty())
    login = connect::Login{text.substr(0, colon),
                           colon == text.npos ? std::string{} : text.substr(colon + 1)};
  auto proxy = proxy_at(type, *at, login);
  if (!proxy) return quit(proxy.error().sentence + ".");
  const auto who = words.last("proxy-dns").value_or("remote");
  if (who != "remote" && who != "local" && who != "both" && who != "none")
    return quit(fmt::format("Invalid proxy DNS type \"{}\".", who));
  if (who == "none") plan.request.lookups = false;
  if (who == "local" || who == "both") {
    const auto found = net::resolve(plan.request.host, plan.port, plan.request.family);
    if (found) plan.request.host = to_string(found->front().address);
    if (!found && who == "local") return quit(found.error().sentence);
  }
  plan.request.proxy = std::move(*proxy);
  return {};
}

NcatChecked<void> take_tls(Request& request, const NetcatWords& words) {
  if (words.has("ssl-cert") != words.has("ssl-key"))
    return quit("The --ssl-key and --ssl-cert options must be used together.");
  bool wanted = false;
  for (const std::string_view option : {"ssl", "ssl-cert", "ssl-verify", "ssl-trustfile",
                                        "ssl-ciphers", "ssl-servername", "ssl-alpn"})
    wanted = wanted || words.has(option);
  if (!wanted) return {};
  if (words.has("u")) return quit(say("--ssl with -u: DTLS is not supported") + ".");
  connect::TlsWish wish;
  wish.insecure = !words.has("ssl-verify");
  wish.authorities = words.last("ssl-trustfile").value_or("");
  wish.certificate = words.last("ssl-cert").value_or("");
  wish.key = words.last("ssl-key").value_or("");
  wish.ciphers = words.last("ssl-ciphers").value_or("");
  wish.server_name = words.last("ssl-servername").value_or("");
  wish.alpn = words.last("ssl-alpn").value_or("");
  request.tls = std::move(wish);
  return {};
}

NcatChecked<void> take_doors(NcatPlan& plan, const NetcatWords& words) {
  const bool lookups = plan.request.lookups;
  for (const auto& one : words.given) {
    const auto name = one.row->name;
    const bool allows = name == "allow" || name == "allowfile";
    if (!allows && name != "deny" && name != "denyfile") continue;
    if (!plan.listens) return quit("Invalid option combination: allow/deny with connect.");
    auto& hosts = allows ? plan.allow : plan.deny;
    const bool file = name.ends_with("file");
    const auto appended = file ? append_hosts_of_file(hosts, one.value, lookups)
                               : append_hosts(hosts, one.value, lookups);
    if (!appended)
      return quit(fmt::format("error in host specification \"{}\".", appended.error().sentence));
  }
  if (const auto text = words.last("m")) {
    if (!plan.listens) return quit("Invalid option combination: `--max-conns' with connect.");
    plan.most = static_cast<u64>(std::max(0L, std::strtol(text->c_str(), nullptr, 10)));
  }
  return {};
}

NcatChecked<u16> port_of(const std::string& text) {
  const auto port = parse_port(text);
  if (!port) return quit(fmt::format("Invalid port number \"{}\".", text));
  return *port;
}

NcatChecked<void> take_operands(NcatPlan& plan, const NetcatWords& words) {
  const auto& operands = words.operands;
  Request& request = plan.request;
  if (words.has("U")) {
    if (operands.size() != 1)
      return quit(operands.empty() ? "You must specify a path to a socket to connect to."
                                   : "Using UNIX sockets and so you must specify only one path.");
    request.path = operands[0];
    return {};
  }
  std::vector<std::string> ports;
  for (const auto& operand : operands) {
    const bool port_alone = plan.listens && operands.size() == 1 && parse_port(operand);
    if (&operand == &operands.front() && !port_alone)
      request.host = operand;
    else
      ports.push_back(operand);
  }
  if (const auto port = words.last("p"); port && plan.listens) ports.insert(ports.begin(), *port);
  if (ports.size() > 1)
    return quit(fmt::format("Got more than one port specification: {} {}.", ports[0], ports[1]));
  if (request.host.empty() && !plan.listens) return quit("You must specify a host to connect to.");
  if (ports.empty()) return {};
  const auto port = port_of(ports[0]);
  if (!port) return tl::make_unexpected(port.error());
  plan.port = *port;
  return {};
}

NcatChecked<void> take_source(NcatPlan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  if (const auto text = words.last("p"); text && !plan.listens) {
    long value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size())
      return quit(fmt::format("Invalid source port number \"{}\".", *text));
    if (value < 0 || value > 65535) return quit(fmt::format("Invalid source port {}.", value));
    request.source_port = static_cast<u16>(value);
  }
  const auto source = words.last("s");
  if (!source) return {};
  if (plan.listens)
    return quit(
        "-l and -s are incompatible.  Specify the address and port to bind to like you would a "
        "host to connect to.");
  if (const auto why = lookup_failure(*source, request.family, request.lookups))
    return quit(fmt::format("Could not resolve hostname \"{}\": {}.", *source, *why));
  request.source_address =
      net::resolve(*source, 0, request.family, request.lookups).value().front().address;
  return {};
}

NcatChecked<void> check_support(const NetcatWords& words) {
  for (const auto& [option, what] : {
           std::pair{"vsock",
                     N_("--vsock is not supported: connect by the virtual machine's address")            },
           std::pair{"sctp",     N_("--sctp is not supported: TCP and UDP are")                          },
           std::pair{"lua-exec", N_("--lua-exec is not supported: -e 'lua FILE' runs a script")          },
           std::pair{"g",        N_("-g is not supported: routers drop source-routed packets (RFC 7126)")},
           std::pair{"G",
                     N_("-G is not supported: routers drop source-routed packets (RFC 7126)")            }
  })
    if (words.has(option)) return quit(std::string{translated(what)} + ".");
  return {};
}

}  // namespace

NcatChecked<NcatPlan> ncat_plan_of(const NetcatWords& words) {
  if (auto supported = check_support(words); !supported)
    return tl::make_unexpected(supported.error());
  NcatPlan plan;
  Request& request = plan.request;
  plan.brokers = words.has("broker") || words.has("chat");
  plan.chats = words.has("chat");
  plan.listens = words.has("l") || plan.brokers;
  plan.keeps = words.has("k");
  plan.tries = words.has("z");
  plan.verbosity = static_cast<unsigned>(words.all("v").size());
  if (words.has("u")) request.transport = Transport::udp;
  request.family = family_of(words);
  request.lookups = !words.has("n");
  request.crlf = words.has("C");
  request.telnet = words.has("t");
  request.send_only = words.has("send-only");
  request.receive_only = words.has("recv-only");
  request.ends = {.half_close = !words.has("no-shutdown"),
                  .with_input = request.send_only,
                  .with_peer = plan.listens,
                  .at_bare_fin = plan.listens || request.send_only,
                  .after_silence = !plan.listens};
  if (request.transport == Transport::udp && !plan.listens) request.quit = udp_farewell;
  if (auto taken = take_times(request, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.tries && plan.listens)
    return quit("Services designed for LISTENING can't be used with -z");
  if (plan.keeps && !plan.listens)
    return quit("Invalid option combination: `--keep-open' with connect.");
  for (const auto& take : {take_operands, take_source, take_proxy, take_doors})
    if (auto taken = take(plan, words); !taken) return tl::make_unexpected(taken.error());
  for (const auto& take : {take_command, take_tls})
    if (auto taken = take(request, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.brokers && request.command)
    return quit("--broker and -e/-c/--lua-exec are incompatible.");
  return plan;
}

}  // namespace trama
