// What `trama connect` was asked to do, as values.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "connect/proxy.h"
#include "net/resolve.h"

namespace trama::connect {

using net::Transport;

struct TlsWish {
  bool insecure = false;         // takes any certificate
  std::string authorities;       // a PEM file; "" for the system's
  std::string alpn;              // "h2,http/1.1", the best first; "" for none
  std::string certificate, key;  // one's own (PEM files); both or none
  std::string server_name;       // SNI, and whom to prove; "" for the host
  std::string ciphers;           // as OpenSSL's ciphers(1) has it; "" for the system's
};

// Which end of bytes ends what. The defaults are trama's; nc and ncat have others.
struct Ends {
  bool half_close = true;      // the end of input closes this side (FIN); false: nothing is told
  bool with_input = false;     // the end of input ends all, once it is sent
  bool with_peer = false;      // the peer's FIN ends all, whatever the input may still have
  bool at_bare_fin = false;    // TLS: a FIN without close_notify is an end like any other
  bool at_read_error = false;  // input that cannot be read has ended
  bool after_silence = true;   // UDP: silence after the end of input ends all (Request::wait)

  // Whether a read of the input that gave this errno (0: none) is a loss to be told.
  [[nodiscard]] bool input_is_lost(int error) const { return error != 0 && !at_read_error; }
};

// A number for setsockopt(2), on sockets of its family.
struct SocketOption {
  enum class For { both, v4, v6 };
  For family = For::both;
  int level = 0, name = 0, value = 0;
};

// A program that talks instead of the person.
struct Command {
  std::string words;
  bool shell = false;  // /bin/sh reads the words; otherwise they are split here
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
  // The longest silence before there is a conversation: while connecting, and in each handshake.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> patience() const {
    if (!idle || wait_only_connects || (wait && *wait <= *idle)) return wait;
    return idle;
  }
  [[nodiscard]] std::string_view patience_option() const {
    return patience() == wait ? "-w" : "-i";
  }
  // After the end of input, how long to wait for the peer to close.
  std::optional<std::chrono::nanoseconds> quit;
  // After a failure or a close, again, first after so long; longer after each failure.
  std::optional<std::chrono::nanoseconds> reconnect;
  bool tcp_facts = false;  // at the end, what the kernel measured

  // What the other netcats have.
  Ends ends;
  bool wait_only_connects = false;  // `wait` limits the connecting, and nothing else
  u64 most_reads = 0;               // ends after so many reads that brought something; 0: no limit
  std::optional<std::chrono::nanoseconds> pace;  // a line at a time, with this pause behind each
  bool telnet = false;                           // answers TELNET's options with refusals
  std::vector<SocketOption> socket_options;
  bool hands_over = false;  // the socket goes to standard output (SCM_RIGHTS), and that is all
  std::optional<Command> command;
  // UDP: the datagrams that had come from the peer before the talk began.
  std::vector<std::vector<u8>> early;
  int input = 0, output = 1;  // descriptors: a program's instead of the person's
  bool program = false;       // they are a program's: it is told of the peer's FIN
};

}  // namespace trama::connect
