// What ncat writes on standard error: scripts match these lines, so they are always in English.
#pragma once
#include "base/out.h"
#include "connect/events.h"
#include "serve/events.h"

namespace trama {

class NcatTeller : public connect::Audience {
 public:
  NcatTeller(Out& err, unsigned verbosity, bool listens)
      : err_(err), verbose_(verbosity > 0), listens_(listens) {}

  void line(const std::string& text);  // "Ncat: ..."
  void told_line(const std::string& text) {
    if (verbose_) line(text);
  }
  void program_talks() { counts_ = false; }
  [[nodiscard]] const connect::Report& report() const { return report_; }
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool talked() const { return talked_; }  // handshakes are done, and what followed

  void listening(net::Transport transport, const Endpoint& at) override;
  void listening_at(const std::string& path) override;
  void came(net::Transport transport, const Endpoint& peer, const Endpoint& local) override;
  void came_to(const std::string& path) override;
  void turned_away(const Endpoint& peer, bool full) override;
  void start(const connect::Request& request, std::span<const Endpoint> addresses) override;
  void failed(net::Transport, const Endpoint&, const Error&, connect::Next) override {}
  void ready(net::Transport transport, const Endpoint& peer, const Endpoint& local,
             std::chrono::nanoseconds time) override;
  void joined(const std::string& path, bool datagrams) override;
  void through(const std::string&, const std::string&, std::chrono::nanoseconds) override {
    connected_ = true;
  }
  void secured(const connect::TlsFacts& facts) override;
  void unproven(const connect::TlsFacts& facts) override;
  void answered(net::Transport, u64) override {}
  void ended(net::Transport transport, const connect::Report& report) override;
  void measured(const connect::TcpFacts&) override {}
  void again(const Error*, std::chrono::nanoseconds) override {}

 private:
  void certificate(const connect::TlsFacts& facts);
  Out& err_;
  bool verbose_, listens_;
  bool counts_ = true;
  bool quiet_ready_ = false;  // a proxy or TLS follows, which says it
  bool connected_ = false;
  bool talked_ = false;
  connect::Report report_;
};

// The same for the server behind --broker and --chat.
class NcatServerTeller : public serve::Audience {
 public:
  explicit NcatServerTeller(NcatTeller& teller) : teller_(teller) {}
  void listening(const serve::Place& place) override;
  void connected(const serve::Client& client) override;
  void refused(const serve::Client& client, serve::Refusal why) override;
  void message(const serve::Client&, Bytes) override {}
  void disconnected(const serve::Client&, serve::Ending, int, const serve::Traffic&,
                    std::chrono::nanoseconds) override {}
  void ended(const serve::Summary&) override {}

 private:
  NcatTeller& teller_;
};

// "127.0.0.1:80", "::1:80": ncat writes no brackets.
std::string ncat_text(const Endpoint& at);

}  // namespace trama
