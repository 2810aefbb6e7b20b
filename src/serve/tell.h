// A server's events as lines: for people, or as JSON (one object a line, types serve.listen,
// serve.metrics, serve.tls, serve.connect, serve.refused, serve.message, serve.behind,
// serve.caught_up, serve.disconnect, serve.program, serve.request, serve.joined,
// serve.failed, serve.full, serve.draining,
// serve.left_out, serve.summary). Clients never wait for a slow terminal or a pipe that nobody
// reads: what does not fit any more is left out, and counted.
#pragma once
#include <string>

#include "base/json.h"
#include "base/terminal.h"
#include "net/output.h"
#include "serve/events.h"

namespace trama::serve {

// How lines for people look.
struct Look {
  Terminal terminal{};
  bool quiet = false;  // only start, end and errors
  bool dated = false;  // with the date: lines that are kept
  bool hex = false;    // messages as dumps
};

class TellText : public Audience {
 public:
  TellText(net::Lines& out, const Look& look) : out_(out), terminal_(look.terminal), look_(look) {}

  void listening(const Place& place) override;
  void metrics_at(const Endpoint& place) override;
  void certificate(std::string_view fingerprint) override;
  void connected(const Client& client) override;
  void refused(const Client& client, Refusal why) override;
  void message(const Client& client, Bytes text) override;
  void falls_behind(const Client& client) override;
  void caught_up(const Client& client, u64 dropped) override;
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void program_ended(const Client& client, int pid, int status) override;
  void request(const Client& client, const Request& request) override;
  void joined(const Client& client, std::string_view name, const Endpoint& at) override;
  void talk_failed(const Client& client, std::string_view why) override;
  void descriptors_ran_out(u64 open_connections) override;
  void draining(u64 open_connections, std::chrono::nanoseconds most) override;
  void ended(const Summary& summary) override;
  void round_over() override;

 private:
  bool wants_line();
  void start_line(const Client& client);
  net::Lines& out_;
  Terminal terminal_;
  Look look_;
  u64 left_out_ = 0;
};

class TellJson : public Audience {
 public:
  TellJson(net::Lines& out, bool quiet) : out_(out), quiet_(quiet) {}

  void listening(const Place& place) override;
  void metrics_at(const Endpoint& place) override;
  void certificate(std::string_view fingerprint) override;
  void connected(const Client& client) override;
  void refused(const Client& client, Refusal why) override;
  void message(const Client& client, Bytes text) override;
  void falls_behind(const Client& client) override;
  void caught_up(const Client& client, u64 dropped) override;
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void program_ended(const Client& client, int pid, int status) override;
  void request(const Client& client, const Request& request) override;
  void joined(const Client& client, std::string_view name, const Endpoint& at) override;
  void talk_failed(const Client& client, std::string_view why) override;
  void descriptors_ran_out(u64 open_connections) override;
  void draining(u64 open_connections, std::chrono::nanoseconds most) override;
  void ended(const Summary& summary) override;
  void round_over() override;

 private:
  bool wants_line();
  net::Lines& out_;
  bool quiet_;
  u64 left_out_ = 0;
};

// Appends a message's text for a terminal: harmless, and cut where it is longer than a screen.
void append_text(std::string& line, Bytes text);

}  // namespace trama::serve
