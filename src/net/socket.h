// Sockets as engines want them: non-blocking, close-on-exec, with errors that say what to do.
// Every function takes and gives plain values; the Fd owns the socket.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::net {

enum class Transport { tcp, udp, unix_stream, unix_datagram };

std::string_view name_of(Transport transport);  // "tcp", "udp", "unix", "unixgram"
constexpr bool is_stream(Transport transport) {
  return transport == Transport::tcp || transport == Transport::unix_stream;
}
constexpr bool is_unix(Transport transport) {
  return transport == Transport::unix_stream || transport == Transport::unix_datagram;
}

// Bytes that a UDP datagram over IPv4 has at most: the longest packet (RFC 791) without its header
// and UDP's (RFC 768).
constexpr std::size_t longest_udp_payload = 65'535 - 20 - 8;

// A listening TCP socket (SO_REUSEADDR, so that TIME_WAIT does not hold the port; SO_KEEPALIVE) or
// a bound UDP one (no SO_REUSEADDR: nobody may share it). [::] takes IPv6 only, so it stands beside
// 0.0.0.0; a `dual` one takes IPv4 too, whose addresses look like ::ffff:192.0.2.1 then. Errors:
// taken (Exit::no, EADDRINUSE), no permission (Exit::no_right), not an address of this machine
// (Exit::bad_input).
Result<Fd> listen_at(Transport transport, const Endpoint& at, bool dual = false);

// A socket for going out, bound to `source` where there is one (port 0: the kernel's choice).
// Errors as of listen_at.
Result<Fd> outgoing(Transport transport, bool v6, const std::optional<Endpoint>& source);

// connect(2): 0, or its errno; EINPROGRESS where TCP's answer is still to come.
int start_connect(int socket, const Endpoint& peer);

// What the kernel says about a socket; zeros where it says nothing.
Endpoint local_of(int socket);
Endpoint peer_of(int socket);
int pending_error(int socket);  // SO_ERROR, which this call clears

// Lifts the soft limit of open descriptors to the hard one; gives the limit that holds now.
u64 raise_descriptor_limit();

// Fills descriptors 0, 1 and 2 where the caller left them closed, so that no socket gets such a
// number. Using them fails with EBADF as before: 0 cannot be read, 1 and 2 cannot be written.
void hold_standard_descriptors();

}  // namespace trama::net
