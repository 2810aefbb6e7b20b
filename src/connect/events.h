// What a connection attempt tells on its way. An Audience shows it (standard error: standard output
// carries the peer's bytes); the engine claims nothing that the kernel did not tell.
#pragma once
#include <chrono>
#include <span>
#include <string>

#include "connect/request.h"
#include "connect/tcp_facts.h"

namespace trama::connect {

enum class Ending {
  fin,           // the peer closed its side, and all was delivered
  reset,         // the peer sent RST
  rest_refused,  // the peer closed its side, and answered later bytes with RST
  error,         // the network lost it
  idle,          // nothing moved for the time of -i or -w
  quit,          // the time of -q after the end of input has passed
  silence,       // UDP: the end of input, and then nothing more
  refused,       // UDP: ICMP port unreachable
  reader_left,   // standard output was closed
  input_lost,    // standard input could not be read
  output_lost,   // standard output could not be written
  interrupted,   // Ctrl-C
};

struct Report {
  Ending ending = Ending::fin;
  int error = 0;  // errno of Ending::error, input_lost and output_lost
  u64 sent = 0, received = 0;
  u64 unsent = 0;            // there on standard input, and not taken by the kernel
  bool unix_socket = false;  // no FIN, no RST, no ICMP
  bool input_ended = false;  // standard input has nothing more
  u64 datagrams_sent = 0, datagrams_received = 0;  // UDP
  std::string words;                               // Ending::error: why, where errno cannot say it
  std::string by;  // Ending::error over UDP: who sent the ICMP message; "" for this machine
  std::chrono::nanoseconds time{};
  std::chrono::nanoseconds silence{};  // Ending::silence and idle: how long nothing came
};

// What follows where one address failed.
enum class Next {
  address,  // the host's next address
  port,     // nothing with this port, but others wait
  nothing,  // the error ends the program, which tells it
};

struct TlsFacts {
  std::string version, cipher, alpn;
  bool proven = false;  // the peer's certificate was checked
  std::string peer;     // "127.0.0.1:443"
  // The peer's certificate, proven or not.
  std::string subject, issuer;  // "CN=localhost"
  std::string sha1;             // its fingerprint: "0123 4567 ..."
  std::string doubt;            // why it would not be proven, in OpenSSL's words; "" for none
};

class Audience {
 public:
  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;

  // Who waits for a peer: where, who came, and whom the rules turned away.
  virtual void listening(Transport, const Endpoint&) {}
  virtual void listening_at(const std::string&) {}
  virtual void came(Transport, const Endpoint&, const Endpoint& /*local*/) {}
  virtual void came_to(const std::string&) {}
  virtual void turned_away(const Endpoint&, bool /*full*/) {}

  virtual void start(const Request& request, std::span<const Endpoint> addresses) = 0;
  // One address did not work.
  virtual void failed(Transport transport, const Endpoint& peer, const Error& error, Next next) = 0;
  // TCP: connected. UDP: nothing but a socket, which proves nothing.
  virtual void ready(Transport transport, const Endpoint& peer, const Endpoint& local,
                     std::chrono::nanoseconds time) = 0;
  // The same with a Unix socket; `datagrams` for one that is no stream.
  virtual void joined(const std::string& path, bool datagrams) = 0;
  // A proxy opened the way to the destination; that is its word, not this machine's.
  virtual void through(const std::string& proxy, const std::string& destination,
                       std::chrono::nanoseconds time) = 0;
  virtual void secured(const TlsFacts& facts) = 0;
  // A peer whose certificate did not prove it: told before the error.
  virtual void unproven(const TlsFacts&) {}
  virtual void answered(Transport transport, u64 bytes) = 0;  // the first bytes of the peer
  virtual void ended(Transport transport, const Report& report) = 0;
  virtual void measured(const TcpFacts& facts) = 0;  // --tcp-info
  // The next attempt comes after the pause; `error` is what ended this one, null for a close.
  virtual void again(const Error* error, std::chrono::nanoseconds pause) = 0;
};

}  // namespace trama::connect
