// What a server tells while it runs. The engine calls an Audience; how that looks (text, JSON, a
// page, nothing) is the audience's affair. Views are good during the call only.
#pragma once
#include <chrono>

#include "base/address.h"
#include "base/bytes.h"
#include "net/socket.h"

namespace trama::serve {

using net::Transport;

// Whom a message comes from: a TCP connection, or a UDP sender. Numbers are never used again.
struct Client {
  u32 number = 0;
  Transport transport = Transport::tcp;
  Endpoint peer, local;
};

enum class Ending {
  fin,             // the client closed its side, and all answers were written
  reset,           // the client sent RST
  answer_refused,  // the client sent FIN, and RST when the answer came
  error,           // the network lost it (timed out, unreachable); the errno says how
};

struct Traffic {
  u64 messages = 0;  // TCP: reads that brought bytes; UDP: datagrams
  u64 bytes_in = 0;
  u64 bytes_out = 0;
};

struct Summary {
  u64 connections = 0;  // TCP
  u64 still_open = 0;   // of these, when the server ended
  u64 udp_clients = 0;
  u64 unanswered = 0;  // UDP answers that the kernel did not take
  Traffic traffic;
  std::chrono::nanoseconds time{};
};

class Audience {
 public:
  Audience() = default;
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;
  virtual ~Audience() = default;

  virtual void listening(Transport transport, const Endpoint& at) = 0;
  virtual void connected(const Client& client) = 0;
  virtual void message(const Client& client, Bytes text) = 0;
  // `error` is the kernel's errno, for Ending::error.
  virtual void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                            std::chrono::nanoseconds time) = 0;
  virtual void descriptors_ran_out(u64 open_connections) = 0;
  virtual void ended(const Summary& summary) = 0;
  // After each round of events. False: nobody listens any more, the server may end.
  virtual bool round_over() = 0;
};

}  // namespace trama::serve
