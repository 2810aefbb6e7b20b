// What a server tells while it runs. The engine calls an Audience; how that looks (text, JSON, a
// page, nothing) is the audience's affair. Views are good during the call only.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "net/socket.h"
#include "serve/place.h"

namespace trama::serve {

using net::Transport;

// Whom a message comes from: a connection, or a sender of datagrams. Numbers are never used again.
struct Client {
  u32 number = 0;
  Transport transport = Transport::tcp;
  Endpoint peer{}, local{};
  // Unix sockets have no endpoints: whose the peer is ("pid 12, uid 1000", "/run/y.sock"), and the
  // server's path.
  std::string unix_peer{}, unix_local{};
  // Where a PROXY header named the client: who brought it ("10.0.0.9:4000"), by which kind of
  // socket.
  std::string via{};
  bool via_unix = false;

  [[nodiscard]] bool is_by_unix_socket() const { return via_unix || net::is_unix(transport); }
  // What --allow and its like decide by; nothing for a Unix socket.
  [[nodiscard]] std::optional<Address> address() const {
    if (net::is_unix(transport)) return {};
    return peer.address.unmapped();
  }
};

// "127.0.0.1:40000", "pid 12, uid 1000"
std::string peer_text(const Client& client);
std::string local_text(const Client& client);

inline std::string_view chars(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum class Ending {
  fin,             // the client closed its side, and all answers were written
  reset,           // the client sent RST
  answer_refused,  // the client sent FIN, and RST when the answer came
  error,           // the network lost it (timed out, unreachable); the errno says how
  slow,            // the server ended it: its queue was full, and --slow says disconnect
  sent,            // the server ended it: the file was sent
  idle,            // the server ended it: nothing moved for the time of --idle
  drained,         // the server ends, and all that had come was answered
  tls,             // TLS failed; the error is TlsSession::reason
  program,         // the server ended it: its program has ended
  not_started,     // the server ended it: its program could not start
  handshake_late,  // the server ended it: the TLS handshake took too long
  request_late,    // the server ended it: the request for the proxy took too long
  answered,        // the server ended it: the last answer was sent
  cut,             // the server ended it with RST: what was to come cannot come
};

constexpr std::size_t endings = static_cast<std::size_t>(Ending::cut) + 1;

// As people read it ("reset by the client (RST)"); `error` is the errno of Ending::error.
std::string ending_text(Ending ending, int error);
std::string_view json_word(Ending ending);

// Why a client, or a datagram, was not let in.
enum class Refusal {
  denied,
  full,
  peer_full,
  too_fast,
  untrusted,    // not one of --proxy-from
  no_header,    // something else than a PROXY header came
  header_late,  // it did not come in time
  too_long,     // a datagram that was longer than what is taken of one
};

constexpr std::size_t refusals = static_cast<std::size_t>(Refusal::too_long) + 1;

// "the server is full": for people, the client too.
std::string refusal_text(Refusal why);
std::string_view json_word(Refusal why);

struct Traffic {
  u64 messages = 0;  // TCP: reads that brought bytes; UDP: datagrams
  u64 bytes_in = 0;
  u64 bytes_out = 0;
  u64 dropped = 0;  // texts of others that this client was too slow for
};

struct Summary {
  u64 connections = 0;  // TCP
  u64 still_open = 0;   // of these, when the server ended
  u64 udp_clients = 0;
  u64 unanswered = 0;  // UDP answers that the kernel did not take
  u64 refused = 0;     // connections and datagrams
  Traffic traffic;
  std::chrono::nanoseconds time{};
};

// A request of HTTP that was answered.
struct Request {
  std::string_view method, target;  // as the client wrote them; "" where it never got so far
  unsigned status = 0;
  u64 bytes = 0;  // of the body
};

class Audience {
 public:
  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;

  virtual void listening(const Place& /*place*/) {}
  virtual void metrics_at(const Endpoint& /*place*/) {}
  // TLS is spoken: the certificate's SHA-256.
  virtual void certificate(std::string_view /*fingerprint*/) {}
  virtual void connected(const Client& /*client*/) {}
  // A connection that was not let in (its number is 0), or the first datagram refused so.
  virtual void refused(const Client& /*client*/, Refusal /*why*/) {}
  virtual void message(const Client& /*client*/, Bytes /*text*/) {}
  // The client reads too slowly: texts of others are left out from now on, until it has caught up.
  virtual void falls_behind(const Client& /*client*/) {}
  virtual void caught_up(const Client& /*client*/, u64 /*dropped*/) {}
  // `error` is the kernel's errno for Ending::error, OpenSSL's reason for Ending::tls.
  virtual void disconnected(const Client& /*client*/, Ending /*ending*/, int /*error*/,
                            const Traffic& /*traffic*/, std::chrono::nanoseconds /*time*/) {}
  // At the server's own end: this connection was still open.
  virtual void left_open(const Client& /*client*/, const Traffic& /*traffic*/,
                         std::chrono::nanoseconds /*time*/) {}
  // Its program has ended; the status is waitpid(2)'s.
  virtual void program_ended(const Client& /*client*/, int /*pid*/, int /*status*/) {}
  virtual void request(const Client& /*client*/, const Request& /*request*/) {}
  // The client was connected to another place, that it named so.
  virtual void joined(const Client& /*client*/, std::string_view /*name*/, const Endpoint& /*at*/) {
  }
  // What the client came for cannot be given: the sentence says why.
  virtual void talk_failed(const Client& /*client*/, std::string_view /*why*/) {}
  virtual void descriptors_ran_out(u64 /*open_connections*/) {}
  // No new connections from now on; those that are open are answered, for `most` at most.
  virtual void draining(u64 /*open_connections*/, std::chrono::nanoseconds /*most*/) {}
  virtual void ended(const Summary& /*summary*/) {}
  // After each round of events.
  virtual void round_over() {}
};

}  // namespace trama::serve
