// From what a person types to endpoints: addresses, names (the system's resolver), service names.
// Looking a name up blocks for as long as the system's resolver takes.
#pragma once
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "net/socket.h"

namespace trama::net {

enum class Family { any, v4, v6 };

// The endpoints of a host, in the order in which to try them (RFC 6724, as getaddrinfo sorts);
// "fe80::1%eth0" keeps its interface. `lookups` false: the host must be an address.
// Errors: no such name, no answer from the name servers (Exit::no); no address of that family, or a
// name where none may be looked up, what check_host refuses (Exit::bad_input).
Result<std::vector<Endpoint>> resolve(std::string_view host, u16 port, Family family = Family::any,
                                      bool lookups = true);

// Words that the system's resolver would take for something else than was meant: a number ("7810",
// to inet_aton 0.0.30.130), an IPv4 address of other than four decimal numbers, a link-local
// address (RFC 4291 section 2.5.6) without its interface. Error: Exit::bad_input.
Result<void> check_host(std::string_view host);

// Whether the system's resolver knows an address of either family for the name.
bool has_any_address(std::string_view host);

// "80", or "http" from the system's services database. Error: Exit::bad_input.
Result<u16> port_of(std::string_view text, Transport transport);

}  // namespace trama::net
