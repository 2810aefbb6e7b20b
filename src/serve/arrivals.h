// Connections of which nobody knows yet from whom they come: each has to begin with a PROXY header
// (proxy_header.h), within a time. Only the header is taken from the socket; TLS and the client's
// own bytes follow.
#pragma once
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "net/loop.h"
#include "serve/events.h"

namespace trama::serve {

class Arrivals {
 public:
  // The connection as its header names it; or with the reason why it may not stay.
  using Done = std::function<void(Fd socket, Client who, std::optional<Refusal> refusal)>;

  Arrivals(net::Loop& loop, Done done) : loop_(loop), done_(std::move(done)) {}
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;
  ~Arrivals();

  void add(Fd socket, Client who);
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  // The server ends: what has come is read, and those of whom no whole header is there are refused.
  void finish();

 private:
  struct Arrival {
    Fd socket;
    Client who;
    std::vector<u8> header;  // what came of it
    net::Loop::Timer limit = 0;
  };
  void ready(Arrival& arrival);
  void end(Arrival& arrival, std::optional<Refusal> refusal);

  net::Loop& loop_;
  Done done_;
  std::unordered_map<int, std::unique_ptr<Arrival>> waiting_;  // by descriptor
};

}  // namespace trama::serve
