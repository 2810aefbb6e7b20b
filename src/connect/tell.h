// A connection's events on standard error: for people (-v), or as JSON lines (--json; types
// connect.start, connect.failed, connect.ready, connect.answered, connect.refused, connect.end,
// connect.tls, connect.through, connect.tcp_info, connect.again; the verb adds connect.error).
#pragma once
#include "base/json.h"
#include "base/out.h"
#include "connect/events.h"

namespace trama::connect {

class TellText : public Audience {
 public:
  TellText(Out& out, bool verbose) : out_(out), verbose_(verbose) {}

  void start(const Request& request, std::span<const Endpoint> addresses) override;
  void failed(Transport transport, const Endpoint& peer, const Error& error, Next next) override;
  void ready(Transport transport, const Endpoint& peer, const Endpoint& local,
             std::chrono::nanoseconds time) override;
  void joined(const std::string& path, bool datagrams) override;
  void secured(const TlsFacts& facts) override;
  void through(const std::string& proxy, const std::string& destination,
               std::chrono::nanoseconds time) override;
  void answered(Transport transport, u64 bytes) override;
  void ended(Transport transport, const Report& report) override;
  void measured(const TcpFacts& facts) override;
  void again(const Error* error, std::chrono::nanoseconds pause) override;

 private:
  void line(std::string_view text);
  Out& out_;
  bool verbose_;
};

class TellJson : public Audience {
 public:
  explicit TellJson(Out& out) : out_(out) {}

  void start(const Request& request, std::span<const Endpoint> addresses) override;
  void failed(Transport transport, const Endpoint& peer, const Error& error, Next next) override;
  void ready(Transport transport, const Endpoint& peer, const Endpoint& local,
             std::chrono::nanoseconds time) override;
  void joined(const std::string& path, bool datagrams) override;
  void secured(const TlsFacts& facts) override;
  void through(const std::string& proxy, const std::string& destination,
               std::chrono::nanoseconds time) override;
  void answered(Transport transport, u64 bytes) override;
  void ended(Transport transport, const Report& report) override;
  void measured(const TcpFacts& facts) override;
  void again(const Error* error, std::chrono::nanoseconds pause) override;

 private:
  void line(JsonLine& line);
  Out& out_;
};

// How it ended, in words: "closed by the peer (FIN)".
std::string ending_text(const Report& report);

}  // namespace trama::connect
