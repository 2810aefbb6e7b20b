// What OpenBSD's nc writes on standard error with -v: scripts match these lines, so they are always
// in English.
#pragma once
#include "base/out.h"
#include "connect/events.h"

namespace trama {

class NcTeller : public connect::Audience {
 public:
  NcTeller(Out& err, bool verbose, bool numeric)
      : err_(err), verbose_(verbose), numeric_(numeric) {}

  // The host as it was typed, and the destination's port where a proxy stands between.
  void talks_to(std::string host, u16 port) {
    host_ = std::move(host);
    port_ = port;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  // The same, and forgotten: for the next port. So is what was told.
  bool take_connected() { return std::exchange(connected_, false); }
  void limits_connecting(bool limits) { limited_ = limits; }    // -w
  void names_visitors(bool names) { names_visitors_ = names; }  // nc -luk does not
  [[nodiscard]] bool refused() const { return refused_; }       // UDP
  [[nodiscard]] bool told() const { return told_; }             // why nothing was connected
  void succeeded(net::Transport transport, const Endpoint& peer);

  void listening(net::Transport transport, const Endpoint& at) override;
  void listening_at(const std::string& path) override;
  void came(net::Transport transport, const Endpoint& peer, const Endpoint& local) override;
  void came_to(const std::string& path) override;
  void start(const connect::Request& request, std::span<const Endpoint> addresses) override;
  void failed(net::Transport transport, const Endpoint& peer, const Error& error,
              connect::Next next) override;
  void ready(net::Transport transport, const Endpoint& peer, const Endpoint& local,
             std::chrono::nanoseconds time) override;
  void joined(const std::string&, bool) override { connected_ = true; }
  void through(const std::string& proxy, const std::string& destination,
               std::chrono::nanoseconds time) override;
  void secured(const connect::TlsFacts&) override {}
  void answered(net::Transport, u64) override {}
  void ended(net::Transport transport, const connect::Report& report) override;
  void measured(const connect::TcpFacts&) override {}
  void again(const Error*, std::chrono::nanoseconds) override {}

 private:
  void line(const std::string& text);
  [[nodiscard]] std::string service(net::Transport transport, u16 port) const;
  Out& err_;
  bool verbose_, numeric_;
  bool proxied_ = false;
  bool names_visitors_ = true;
  bool limited_ = false;
  bool connected_ = false, refused_ = false, told_ = false;
  std::string host_;
  u16 port_ = 0;
};

}  // namespace trama
