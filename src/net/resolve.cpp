#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::net {
namespace {

tl::unexpected<Error> not_resolved(std::string_view host, Family family, bool lookups, int code) {
  const auto name = harmless(host);
  if (!lookups)
    return fail(Exit::bad_input,
                say("\"{}\" is no address, and -n forbids looking names up", name));
  switch (code) {
    case EAI_NONAME:
      return fail(Exit::no, say("name not found: \"{}\"", name));
    case EAI_ADDRFAMILY:
    case EAI_NODATA:
      return fail(Exit::bad_input,
                  family == Family::v4   ? say("\"{}\" has no IPv4 address (-4)", name)
                  : family == Family::v6 ? say("\"{}\" has no IPv6 address (-6)", name)
                                         : say("\"{}\" has no address", name));
    case EAI_AGAIN:
      return fail(Exit::no,
                  say("no name server answered when asked for \"{}\": try again, or give the "
                      "address",
                      name));
    default:
      return fail(Exit::no, say("looking up \"{}\" failed: {}", name, gai_strerror(code)));
  }
}

}  // namespace

Result<std::vector<Endpoint>> resolve(std::string_view host, u16 port, Family family,
                                      bool lookups) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (const auto address = parse_address(host)) {
    if (family == Family::any || (family == Family::v6) == address->v6)
      return std::vector{
          Endpoint{.address = *address, .port = port}
      };
    return not_resolved(host, family, true, EAI_ADDRFAMILY);
  }
  addrinfo hints{};
  hints.ai_family = family == Family::v4 ? AF_INET : family == Family::v6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // one row an address; the transport does not matter here
  hints.ai_flags = lookups ? 0 : AI_NUMERICHOST;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(std::string{host}.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  if (code != 0) return not_resolved(host, family, lookups, code);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* row = found; row != nullptr; row = row->ai_next) {
    sockaddr_storage address{};
    std::copy_n(reinterpret_cast<const u8*>(row->ai_addr), row->ai_addrlen,
                reinterpret_cast<u8*>(&address));
    Endpoint endpoint = to_endpoint(address);
    endpoint.port = port;
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end())
      endpoints.push_back(endpoint);
  }
  return endpoints;
}

Result<u16> port_of(std::string_view text, Transport transport) {
  if (const auto port = parse_port(text)) return *port;
  servent row{};
  servent* found = nullptr;
  std::array<char, 4096> space{};
  if (!text.empty() &&
      getservbyname_r(std::string{text}.c_str(), name_of(transport).data(), &row, space.data(),
                      space.size(), &found) == 0 &&
      found != nullptr)
    return ntohs(static_cast<u16>(row.s_port));
  return fail(Exit::bad_input, say("\"{}\" is no port: write a number from 0 to 65535, or a "
                                   "service's name as /etc/services has it",
                                   harmless(text)));
}

}  // namespace trama::net
