// What the netcats' -z does over UDP, where nothing answers a connect(2): it sends, and takes
// silence for a yes.
#pragma once
#include <chrono>
#include <string_view>

#include "connect/request.h"

namespace trama {

// Sends the datagram so many times, with a pause behind each. True: nobody refused it (ICMP).
bool takes_datagrams(const connect::Request& request, const Endpoint& peer,
                     std::string_view datagram, unsigned times, std::chrono::milliseconds pause);

}  // namespace trama
