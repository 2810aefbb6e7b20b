// What a person wants of a socket beyond its address (socket(7), ip(7), ipv6(7)).
#pragma once
#include <span>

#include "connect/request.h"

namespace trama::connect {

// Sets those of the socket's family; the kernel's refusal changes nothing.
void apply(std::span<const SocketOption> options, int socket, bool v6);

}  // namespace trama::connect
