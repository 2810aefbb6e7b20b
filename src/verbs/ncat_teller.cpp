#include "verbs/ncat_teller.h"

#include "base/terminal.h"

namespace trama {

using connect::Ending;

std::string ncat_text(const Endpoint& at) {
  return fmt::format("{}:{}", to_string(at.address), at.port);
}

void NcatTeller::line(const std::string& text) {
  err_.print("Ncat: {}\n", text);
  err_.flush();
}

void NcatTeller::listening(net::Transport, const Endpoint& at) {
  told_line("Listening on " + ncat_text(at));
}

void NcatTeller::listening_at(const std::string& path) { told_line("Listening on " + path); }

void NcatTeller::came(net::Transport transport, const Endpoint& peer, const Endpoint&) {
  connected_ = true;
  told_line(fmt::format("Connection from {}.", to_string(peer.address)));
  if (transport == net::Transport::tcp)
    told_line(fmt::format("Connection from {}.", ncat_text(peer)));
}

void NcatTeller::came_to(const std::string&) {
  connected_ = true;
  told_line("Connection from a client on Unix domain socket.");
  told_line("Connection from .");
}

void NcatTeller::turned_away(const Endpoint&, bool full) {
  told_line(full ? "New connection denied: connection limit reached"
                 : "New connection denied: not allowed");
}

void NcatTeller::start(const connect::Request& request, std::span<const Endpoint>) {
  quiet_ready_ = request.proxy.has_value() || request.tls.has_value();
}

void NcatTeller::ready(net::Transport, const Endpoint& peer, const Endpoint&,
                       std::chrono::nanoseconds) {
  connected_ = true;
  if (!quiet_ready_) told_line(fmt::format("Connected to {}.", ncat_text(peer)));
}

void NcatTeller::joined(const std::string& path, bool) {
  connected_ = true;
  told_line(fmt::format("Connected to {}.", path));
}

void NcatTeller::certificate(const connect::TlsFacts& facts) {
  if (facts.doubt.empty()) return;
  told_line("Subject: " + facts.subject);
  told_line("Issuer: " + facts.issuer);
  told_line("SHA-1 fingerprint: " + facts.sha1);
  told_line(fmt::format("Certificate verification failed ({}).", facts.doubt));
}

void NcatTeller::unproven(const connect::TlsFacts& facts) { certificate(facts); }

void NcatTeller::secured(const connect::TlsFacts& facts) {
  certificate(facts);
  told_line(fmt::format("SSL connection to {}.", facts.peer));
  told_line("SHA-1 fingerprint: " + facts.sha1);
}

void NcatTeller::ended(net::Transport, const connect::Report& report) {
  report_ = report;
  talked_ = true;
  const bool well = report.ending == Ending::fin || report.ending == Ending::quit ||
                    report.ending == Ending::silence || report.ending == Ending::reader_left;
  if (!listens_ && counts_ && well)
    told_line(fmt::format("{} bytes sent, {} bytes received in {:.2f} seconds.", report.sent,
                          report.received, std::chrono::duration<double>(report.time).count()));
}

void NcatServerTeller::listening(const serve::Place& place) {
  teller_.told_line("Listening on " + (place.path.empty() ? ncat_text(place.at) : place.path));
}

void NcatServerTeller::connected(const serve::Client& client) {
  if (client.address())
    teller_.came(net::Transport::tcp, client.peer, client.local);
  else
    teller_.came_to(client.unix_local);
}

void NcatServerTeller::refused(const serve::Client& client, serve::Refusal why) {
  teller_.came(net::Transport::tcp, client.peer, client.local);
  teller_.turned_away(client.peer, why != serve::Refusal::denied);
}

}  // namespace trama
