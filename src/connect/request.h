// What `trama connect` was asked to do, as values.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "net/resolve.h"

namespace trama::connect {

using net::Transport;

struct Request {
  Transport transport = Transport::tcp;
  std::string host;
  net::Family family = net::Family::any;
  bool lookups = true;
  std::optional<Address> source_address;
  u16 source_port = 0;  // 0: the kernel's choice

  bool send_only = false;     // what comes is dropped
  bool receive_only = false;  // standard input is not read
  bool crlf = false;          // a line's end becomes CR LF
  // How long to wait for a connection, and for the next byte in either direction; UDP: the silence
  // after the end of input that ends the wait, 1 s where not given.
  std::optional<std::chrono::nanoseconds> wait;
  // After the end of input, how long to wait for the peer to close.
  std::optional<std::chrono::nanoseconds> quit;
};

}  // namespace trama::connect
