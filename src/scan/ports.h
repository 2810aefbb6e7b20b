// Which ports to probe: lists as nmap's -p takes them, and the names of services from the system's
// database (services(5)). No scanner's data files are used.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "host/socket_table.h"

namespace trama::scan {

struct Ports {
  std::vector<u16> tcp, udp;  // sorted, each once
};

// "22", "1-1024", "-" (1 to 65535), "60000-", "ssh", "T:80,U:53". What stands before any T: or U:
// counts for both. Errors (Exit::bad_input): no such port or service, a range from high to low.
Result<Ports> parse_ports(std::string_view list);

// About a hundred ports on which servers commonly wait.
Ports common_ports();

// Every port of the services database, the common ones, and the lesson's 65431 and 65432.
Ports known_ports();

// The database's name of the port; "unknown" where it has none.
std::string service_name(host::Transport transport, u16 port);

}  // namespace trama::scan
