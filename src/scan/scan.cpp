#include "scan/scan.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <tuple>

#include "base/say.h"
#include "base/terminal.h"
#include "net/resolve.h"
#include "scan/udp_scan.h"

namespace trama::scan {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

tl::unexpected<Error> no_address(std::string_view host, Family family, int error) {
  if (const auto block = parse_cidr(host); block && host.find('/') != host.npos)
    return fail(Exit::bad_input,
                say("{} is a block of addresses; name its hosts one by one", host));
  const auto colon = host.find(':');
  if (colon != host.npos && host.find(':', colon + 1) == host.npos &&
      parse_port(host.substr(colon + 1)))
    return fail(Exit::bad_input, say("write the port with -p: trama scan -p {} {}",
                                     host.substr(colon + 1), harmless(host.substr(0, colon))));
  if (host.find("://") != host.npos)
    return fail(Exit::bad_input,
                say("\"{}\" is no host; give the name or address alone", harmless(host)));
  if (error == EAI_AGAIN)
    return fail(Exit::no, say("no name server answers for \"{}\"; give the address, or try again",
                              harmless(host)));
  if (family != Family::any && net::has_any_address(host))
    return fail(Exit::no, say("the host \"{}\" has no {} address", harmless(host),
                              family == Family::ipv4 ? "IPv4" : "IPv6"));
  return fail(Exit::no, say("there is no host \"{}\"", harmless(host)));
}

Pace pace_for(const Plan& plan, bool local) {
  Pace pace = pace_of(plan.timing);
  if (local && plan.timing >= 3) pace = local_pace();
  if (plan.max_rate) {
    const auto gap = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(1 / *plan.max_rate));
    pace.gap = std::max(pace.gap, gap);
  }
  if (plan.retries) pace.retries = *plan.retries;
  return pace;
}

}  // namespace

Result<Host> resolve(std::string_view host, Family family) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (parse_port(host))
    return fail(Exit::bad_input,
                say("\"{0}\" is no host: ports follow -p: trama scan -p {0} HOST", host));
  if (auto checked = net::check_host(host); !checked) return fail(checked);
  addrinfo hints{};
  hints.ai_family = family == Family::ipv4   ? AF_INET
                    : family == Family::ipv6 ? AF_INET6
                                             : AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(std::string{host}.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, FreeAddresses> owned{list};
  if (error != 0 || list == nullptr) return no_address(host, family, error);
  const addrinfo* chosen = list;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next)
    if (at->ai_family == AF_INET) {
      chosen = at;
      break;
    }
  sockaddr_storage name{};
  std::memcpy(&name, chosen->ai_addr, chosen->ai_addrlen);
  Host found{std::string{host}, {to_endpoint(name)}};
  if (found.target.at.address.is_any())  // connect() takes it for this machine
    found.target.at.address = *parse_address(found.target.at.address.v6 ? "::1" : "127.0.0.1");
  found.target.local = is_local(found.target.at);
  return found;
}

Result<HostResult> scan_host(const Host& host, const Plan& plan, Control& control) {
  const auto start = Clock::now();
  control.deadline = plan.host_timeout ? std::optional{start + *plan.host_timeout} : std::nullopt;
  const Pace pace = pace_for(plan, host.target.local);
  HostResult result;
  result.asked = plan.ports.tcp.size() + plan.ports.udp.size();
  if (!plan.ports.tcp.empty()) {
    auto verdicts = connect_scan(host.target, plan.ports.tcp, pace, !plan.in_order, control);
    if (!verdicts) return fail(verdicts);
    result.verdicts = std::move(*verdicts);
  }
  if (!plan.ports.udp.empty() && !control.is_over()) {
    auto answers =
        udp_scan(host.target, plan.ports.udp, pace, !plan.in_order, plan.payload, control);
    if (!answers) return fail(answers);
    result.held_back = answers->held_back;
    result.verdicts.insert(result.verdicts.end(), answers->verdicts.begin(),
                           answers->verdicts.end());
  }
  std::sort(result.verdicts.begin(), result.verdicts.end(), [](const auto& a, const auto& b) {
    return std::tie(a.transport, a.port) < std::tie(b.transport, b.port);
  });
  if (host.target.local) result.locals = join_socket_table(result.verdicts, host.target.at.address);
  result.locals.resize(result.verdicts.size());
  result.took = Clock::now() - start;
  return result;
}

}  // namespace trama::scan
