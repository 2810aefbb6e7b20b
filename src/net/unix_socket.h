// Unix sockets at a path: "/run/x.sock", or "@x" for Linux's abstract names, which have no file.
#pragma once
#include <sys/un.h>

#include <span>
#include <string>
#include <string_view>

#include "net/socket.h"

namespace trama::net {

// A listening stream socket, or a bound datagram one (unix(7)). The file of a server that is dead
// is replaced; one that is served, or is no socket, is left alone. Errors: too long
// (Exit::bad_input), served or no socket (Exit::no), no permission (Exit::no_right).
Result<Fd> listen_at_path(Transport transport, std::string_view path);

// "/run/x.sock", "@x", "" for a socket without a name. `size` as the kernel gave it.
std::string path_of(const sockaddr_un& address, socklen_t size);

// Which process is at the other end of a connected stream: "pid 12, uid 1000".
std::string peer_process(int socket);

// Sends bytes and at most four descriptors as one message (SCM_RIGHTS); on a stream there has to be
// a byte that they ride on. False with errno.
bool send_with(int socket, std::string_view bytes, std::span<const int> descriptors);

}  // namespace trama::net
