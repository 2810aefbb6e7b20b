// From a connection with a proxy to a conversation through it.
#pragma once
#include "connect/proxy_dialogue.h"
#include "connect/run.h"

namespace trama::connect {

// Says over the connected socket what the dialogue says, until the way is open; takes no byte of
// what comes behind. The request's patience limits the whole dialogue. Errors: the proxy's refusal,
// its reset, its silence (Exit::no), each naming the proxy; Exit::interrupted.
Result<void> open_through(const Run& run, int socket, ProxyDialogue& dialogue,
                          const std::string& proxy_name, const Request& request);

// The destination that the request means to this proxy: names go there unresolved, but for SOCKS4.
// Errors as of net::resolve.
Result<Destination> destination_of(const Request& request, const Proxy& proxy, u16 port);

}  // namespace trama::connect
