#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
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

// What inet_aton(3) takes: one to four parts, each decimal, octal or hexadecimal.
bool is_numeric(std::string_view host) {
  if (host.empty()) return false;
  for (auto left = host; !left.empty();) {
    auto part = left.substr(0, left.find('.'));
    left.remove_prefix(std::min(left.size(), part.size() + 1));
    const bool hex = part.starts_with("0x") || part.starts_with("0X");
    if (hex) part.remove_prefix(2);
    if (!std::all_of(part.begin(), part.end(), [&](char c) {
          return hex ? std::isxdigit(static_cast<u8>(c)) != 0
                     : std::isdigit(static_cast<u8>(c)) != 0;
        }))
      return false;
  }
  return true;
}

bool is_link_local(const Address& address) {
  return address.v6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

int ask(std::string_view host, int family, int flags, addrinfo*& found) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;  // one row an address; the transport does not matter here
  hints.ai_flags = flags;
  return getaddrinfo(std::string{host}.c_str(), nullptr, &hints, &found);
}

// Names that mean this machine whether its files say so or not (RFC 6761 section 6.3).
bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

std::vector<Endpoint> loopback(u16 port, Family family) {
  std::vector<Endpoint> endpoints;
  if (family != Family::v4) endpoints.push_back({.address = *parse_address("::1"), .port = port});
  if (family != Family::v6)
    endpoints.push_back({.address = *parse_address("127.0.0.1"), .port = port});
  return endpoints;
}

}  // namespace

Result<void> check_host(std::string_view host) {
  if (const auto address = parse_address(host)) {
    if (!is_link_local(*address)) return {};
    return fail(Exit::bad_input,
                say("a link-local address needs its interface: {}%eth0", to_string(*address)));
  }
  if (!is_numeric(host)) return {};
  return fail(Exit::bad_input, say("\"{}\" is no address: IPv4 has four numbers from 0 to 255, "
                                   "like 127.0.0.1",
                                   harmless(host)));
}

bool has_any_address(std::string_view host) {
  addrinfo* found = nullptr;
  const int code = ask(host, AF_UNSPEC, 0, found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  return code == 0 || is_localhost(host);
}

Result<std::vector<Endpoint>> resolve(std::string_view host, u16 port, Family family,
                                      bool lookups) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (auto checked = check_host(host); !checked) return fail(checked);
  if (const auto address = parse_address(host)) {
    if (family == Family::any || (family == Family::v6) == address->v6)
      return std::vector{
          Endpoint{.address = *address, .port = port}
      };
    return not_resolved(host, family, true, EAI_ADDRFAMILY);
  }
  addrinfo* found = nullptr;
  int code = ask(host,
                 family == Family::v4   ? AF_INET
                 : family == Family::v6 ? AF_INET6
                                        : AF_UNSPEC,
                 lookups ? 0 : AI_NUMERICHOST, found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{found, freeaddrinfo};
  // The resolver's databases forget the name's other family.
  if (code == EAI_NONAME && lookups && family != Family::any && has_any_address(host))
    code = EAI_ADDRFAMILY;
  if (code != 0 && lookups && is_localhost(host)) return loopback(port, family);
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
