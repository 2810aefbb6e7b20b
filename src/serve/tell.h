// A server's events as lines: for people, or as JSON (one object a line, types serve.listen,
// serve.connect, serve.message, serve.disconnect, serve.full, serve.summary).
#pragma once
#include <string>

#include "base/json.h"
#include "base/out.h"
#include "base/terminal.h"
#include "serve/events.h"

namespace trama::serve {

class TellText : public Audience {
 public:
  // `quiet`: only start, end and errors.
  TellText(Out& out, const Terminal& terminal, bool quiet)
      : out_(out), terminal_(terminal), quiet_(quiet) {}

  void listening(Transport transport, const Endpoint& at) override;
  void connected(const Client& client) override;
  void message(const Client& client, Bytes text) override;
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void descriptors_ran_out(u64 open_connections) override;
  void ended(const Summary& summary) override;
  bool round_over() override { return out_.flush(); }

 private:
  void start_line(const Client& client);
  Out& out_;
  Terminal terminal_;
  bool quiet_;
};

class TellJson : public Audience {
 public:
  TellJson(Out& out, bool quiet) : out_(out), quiet_(quiet) {}

  void listening(Transport transport, const Endpoint& at) override;
  void connected(const Client& client) override;
  void message(const Client& client, Bytes text) override;
  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void descriptors_ran_out(u64 open_connections) override;
  void ended(const Summary& summary) override;
  bool round_over() override { return out_.flush(); }

 private:
  Out& out_;
  bool quiet_;
};

// Appends a message's text for a terminal: harmless, and cut where it is longer than a screen.
void append_text(std::string& line, Bytes text);

}  // namespace trama::serve
