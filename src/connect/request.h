// What `trama connect` was asked to do, as values.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "connect/proxy.h"
#include "net/resolve.h"

namespace trama::connect {

using net::Transport;

struct TlsWish {
  bool insecure = false;    // takes any certificate
  std::string authorities;  // a PEM file; "" for the system's
  std::string alpn;         // "h2,http/1.1", the best first; "" for none
};

struct Request {
  Transport transport = Transport::tcp;
  std::string host;
  std::string path;  // a Unix socket instead of a host and a port; "" for none
  std::optional<TlsWish> tls;
  std::optional<Proxy> proxy;  // goes there first; it connects to the host
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
  // Ends a conversation in which for so long no byte moved in either direction.
  std::optional<std::chrono::nanoseconds> idle;
  // After the end of input, how long to wait for the peer to close.
  std::optional<std::chrono::nanoseconds> quit;
  // After a failure or a close, again, first after so long; longer after each failure.
  std::optional<std::chrono::nanoseconds> reconnect;
  bool tcp_facts = false;  // at the end, what the kernel measured
};

}  // namespace trama::connect
