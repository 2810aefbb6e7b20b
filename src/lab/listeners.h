// Who waits for clients in the server's host.
#pragma once
#include <optional>
#include <span>

#include "host/socket_table.h"

namespace trama::lab {

struct Listeners {
  std::optional<u16> tcp, udp;  // ports; the wanted one where it is among them, else the lowest
};

// Sockets that only the host itself can reach (127.0.0.0/8, ::1) do not count.
Listeners listeners_in(std::span<const host::Socket> sockets, u16 wanted_tcp, u16 wanted_udp);

}  // namespace trama::lab
