// Where to listen, as it stands on the command line: tcp 65432 udp [::1]:65431 localhost:8080
// unix:/run/x.sock.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/socket.h"

namespace trama::serve {

struct Place {
  net::Transport transport = net::Transport::tcp;
  Endpoint at{};
  std::string path{};  // of a Unix socket, which has no endpoint
  bool dual = false;   // an IPv6 place takes IPv4 too
  auto operator<=>(const Place&) const = default;
};

std::string to_string(const Place& place);  // "127.0.0.1:80", "/run/x.sock"

constexpr u16 tcp_port = 65432;  // what `trama serve` alone listens on
constexpr u16 udp_port = 65431;

// "tcp" and "udp" count for the ports behind them; a port before both is TCP's; either word alone
// takes its usual port; no words at all: both usual ports. unix:PATH and unixgram:PATH stand for
// themselves. A bare port is one of 127.0.0.1, "*" all
// IPv4 addresses. Error (Exit::bad_input): a wrong address or port; (Exit::no): an unknown name.
Result<std::vector<Place>> parse_places(std::span<const std::string_view> words);

}  // namespace trama::serve
