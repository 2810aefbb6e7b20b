#include "verbs/nc_plan.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <random>

#include "base/say.h"
#include "verbs/nc_type_of_service.h"

namespace trama {
namespace {

using connect::Request;
using net::Transport;
using std::chrono::seconds;

tl::unexpected<NcRefusal> refuse(std::string sentence) {
  return tl::make_unexpected(NcRefusal{std::move(sentence)});
}

// A number in nc's bounds, with nc's words for others.
NcChecked<long long> number(std::string_view what, std::string_view text, long long low,
                            long long high) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return refuse(
        fmt::format("{} too {}: {}", what, text.starts_with('-') ? "small" : "large", text));
  if (error != std::errc{} || end != text.data() + text.size())
    return refuse(fmt::format("{} invalid: {}", what, text));
  if (value < low) return refuse(fmt::format("{} too small: {}", what, text));
  if (value > high) return refuse(fmt::format("{} too large: {}", what, text));
  return value;
}

// "80", "http", "20-25", "25-20".
NcChecked<void> append_ports(std::vector<u16>& ports, const std::string& text,
                             Transport transport) {
  const auto dash = text.find('-');
  if (dash != text.npos && dash > 0 && text.find_first_not_of("0123456789-") == text.npos) {
    auto low = number("port number", text.substr(0, dash), 1, 65535);
    auto high = number("port number", text.substr(dash + 1), 1, 65535);
    if (!low || !high) return tl::make_unexpected((low ? high : low).error());
    if (*low > *high) std::swap(*low, *high);
    for (auto port = *low; port <= *high; ++port) ports.push_back(static_cast<u16>(port));
    return {};
  }
  if (!text.empty() && text.find_first_not_of("0123456789") != text.npos) {
    const auto named = net::port_of(text, transport);
    if (!named || text.find_first_not_of("+-0123456789") == text.npos)
      return refuse("port number invalid: " + text);
    ports.push_back(*named);
    return {};
  }
  const auto port = number("port number", text, 1, 65535);
  if (!port) return tl::make_unexpected(port.error());
  ports.push_back(static_cast<u16>(*port));
  return {};
}

NcChecked<void> take_number(NcPlan& plan, char letter, const std::string& text) {
  Request& request = plan.request;
  using For = connect::SocketOption::For;
  const auto taken = [&](std::string_view what, long long low, long long high,
                         const auto& use) -> NcChecked<void> {
    const auto value = number(what, text, low, high);
    if (!value) return tl::make_unexpected(value.error());
    use(static_cast<int>(*value));
    return {};
  };
  const auto add = [&](For family, int level, int name, int value) {
    request.socket_options.push_back({family, level, name, value});
  };
  switch (letter) {
    case 'I':
      return taken("TCP receive window", 1, 65536 << 14,
                   [&](int n) { add(For::both, SOL_SOCKET, SO_RCVBUF, n); });
    case 'O':
      return taken("TCP send window", 1, 65536 << 14,
                   [&](int n) { add(For::both, SOL_SOCKET, SO_SNDBUF, n); });
    case 'i':
      return taken("interval", 0, UINT_MAX, [&](int n) { plan.pause = seconds{n}; });
    case 'M':
      return taken("ttl", 0, 255, [&](int n) {
        add(For::v4, IPPROTO_IP, IP_TTL, n);
        add(For::v6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, n);
      });
    case 'm':
      return taken("minttl", 0, 255, [&](int n) {
        add(For::v4, IPPROTO_IP, IP_MINTTL, n);
        add(For::v6, IPPROTO_IPV6, IPV6_MINHOPCOUNT, n);
      });
    case 'q':
      return taken("quit timer", INT_MIN, INT_MAX, [&](int n) {
        if (n < 0) return;
        request.ends.half_close = true;
        // -q 0 still takes the answer of a peer that closes then.
        const bool at_once = n == 0 && request.transport == Transport::tcp;
        request.quit = at_once ? seconds{1} : seconds{n};
      });
    case 'W':
      return taken("receive limit", 1, INT_MAX,
                   [&](int n) { request.most_reads = static_cast<u64>(n); });
    case 'w':
      return taken("timeout", 0, INT_MAX / 1000, [&](int n) { request.wait = seconds{n}; });
    default:
      return {};
  }
}

NcChecked<void> take_proxy(NcPlan& plan, const NetcatWords& words) {
  const auto protocol = words.last("X").value_or("5");
  std::string scheme = protocol == "5"         ? "socks5"
                       : protocol == "4"       ? "socks4"
                       : protocol == "connect" ? "http"
                                               : "";
  if (scheme.empty()) return refuse("unsupported proxy protocol");
  const auto at = words.last("x");
  if (!at) return {};
  if (words.has("u")) return refuse("no proxy support for UDP mode");
  if (words.has("l")) return refuse("no proxy support for listen");
  if (words.has("U")) return refuse("no proxy support for unix sockets");
  if (words.has("s")) return refuse("no proxy support for local source address");
  std::optional<connect::Login> login;
  if (const auto user = words.last("P"); user && scheme == "http") {
    const char* password = getpass(fmt::format("Proxy password for {}@{}: ", *user, *at).c_str());
    login = connect::Login{*user, password == nullptr ? "" : password};
  }
  auto proxy = proxy_at(scheme, *at, login);
  if (!proxy) return refuse(proxy.error().sentence);
  plan.request.proxy = std::move(*proxy);
  return {};
}

NcChecked<void> take_operands(NcPlan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  const auto& operands = words.operands;
  if (words.has("U")) {
    if (operands.size() != 1) return refuse("");
    request.path = operands[0];
    return {};
  }
  auto ports = operands;
  if (plan.listens) {
    const auto port = words.last("p");
    request.host = words.last("s").value_or("");
    if (port && operands.size() > 1) return refuse("");
    if (port && operands.size() == 1 && words.has("s")) return refuse("");
    if (port && !operands.empty()) {
      // nc takes "-l -p PORT HOST" and refuses two ports.
      if (parse_port(operands[0])) return refuse("");
      request.host = operands[0];
    }
    if (operands.size() == 2) request.host = operands[0];
    if (port) ports = {*port};
    if (operands.size() == 2) ports = {operands[1]};
    if (ports.size() > 1) return refuse("");
  } else {
    if (operands.empty()) return refuse("");
    request.host = operands[0];
    ports.erase(ports.begin());
  }
  if (ports.empty()) return refuse("missing port number");
  for (const auto& text : ports)
    if (auto appended = append_ports(plan.ports, text, request.transport); !appended)
      return appended;
  if (words.has("r")) std::shuffle(plan.ports.begin(), plan.ports.end(), std::random_device{});
  return {};
}

NcChecked<void> take_source(NcPlan& plan, const NetcatWords& words) {
  Request& request = plan.request;
  if (const auto source = words.last("s"); source && !plan.listens) {
    if (lookup_failure(*source, request.family, request.lookups))
      return refuse("getaddrinfo: " + *lookup_failure(*source, request.family, request.lookups));
    request.source_address =
        net::resolve(*source, 0, request.family, request.lookups).value().front().address;
  }
  if (const auto port = words.last("p"); port && !plan.listens) {
    const auto value = number("port number", *port, 0, 65535);
    if (!value) return tl::make_unexpected(value.error());
    request.source_port = static_cast<u16>(*value);
  }
  return {};
}

}  // namespace

NcChecked<NcPlan> nc_plan_of(const NetcatWords& words) {
  for (const auto& [letter, what] : {
           std::pair{"S",
                     N_("-S: TCP MD5 signatures are not supported; they are obsolete (RFC 5925)") },
           std::pair{"V",
                     N_("-V: not supported; ip vrf exec and ip netns exec choose a routing table")},
           std::pair{"Z", N_("-Z: DCCP is not supported; Linux has removed it (6.16)")            }
  })
    if (words.has(letter)) return refuse(std::string{translated(what)});
  NcPlan plan;
  Request& request = plan.request;
  if (words.has("u")) request.transport = Transport::udp;
  request.ends.half_close = words.has("N");
  for (const auto& one : words.given)
    if (auto taken = take_number(plan, one.row->letter[0], one.value); !taken)
      return tl::make_unexpected(taken.error());
  request.family = family_of(words);
  request.lookups = !words.has("n");
  plan.numeric = words.has("n");
  plan.verbose = words.has("v");
  plan.listens = words.has("l");
  plan.keeps = words.has("k");
  plan.tries = words.has("z");
  plan.hands_over = words.has("F");
  request.crlf = words.has("C");
  request.receive_only = words.has("d");
  request.telnet = words.has("t");
  if (plan.pause > seconds{0}) request.pace = plan.pause;
  if (const auto word = words.last("T")) {
    const auto value = type_of_service(*word);
    if (!value) return refuse("illegal tos value " + *word);
    using For = connect::SocketOption::For;
    request.socket_options.push_back({For::v4, IPPROTO_IP, IP_TOS, *value});
    request.socket_options.push_back({For::v6, IPPROTO_IPV6, IPV6_TCLASS, *value});
  }
  if (words.has("b"))
    request.socket_options.push_back(
        {connect::SocketOption::For::both, SOL_SOCKET, SO_BROADCAST, 1});
  if (auto taken = take_proxy(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.tries && plan.listens) return refuse("cannot use -z and -l");
  if (auto taken = take_operands(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (plan.keeps && !plan.listens) return refuse("must use -l with -k");
  if (plan.hands_over && words.has("U")) return refuse("cannot use -F and -U");
  if (words.has("U") && words.has("s"))
    return refuse(
        say("-s with -U is not supported: the kernel names this side of datagram sockets"));
  if (auto taken = take_source(plan, words); !taken) return tl::make_unexpected(taken.error());
  if (request.transport == Transport::udp) {
    request.idle = request.wait;
    request.ends.after_silence = false;
  }
  request.ends.with_peer = plan.listens;
  request.ends.at_read_error = true;
  return plan;
}

}  // namespace trama
