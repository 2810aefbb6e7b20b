#include "verbs/nc_teller.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <cerrno>

#include "verbs/netcat_words.h"

namespace trama {

using connect::Ending;
using net::Transport;

void NcTeller::line(const std::string& text) {
  if (!verbose_) return;
  err_.print("{}\n", text);
  err_.flush();
}

std::string NcTeller::service(Transport transport, u16 port) const {
  const auto name = net::name_of(transport);
  const servent* known = numeric_ ? nullptr : getservbyport(htons(port), std::string{name}.c_str());
  return fmt::format("[{}/{}]", name, known == nullptr ? "*" : known->s_name);
}

void NcTeller::succeeded(Transport transport, const Endpoint& peer) {
  const auto address = to_string(peer.address);
  const auto host = host_ == address || proxied_ ? host_ : fmt::format("{} ({})", host_, address);
  line(fmt::format("Connection to {} {} port {} succeeded!", host, peer.port,
                   service(transport, peer.port)));
}

void NcTeller::listening(Transport transport, const Endpoint& at) {
  line(fmt::format("{} on {} {}", transport == Transport::udp ? "Bound" : "Listening",
                   host_name(at, numeric_), at.port));
}

void NcTeller::listening_at(const std::string& path) {
  line(fmt::format("Bound on {0}\nListening on {0}", path));
}

void NcTeller::came(Transport, const Endpoint& peer, const Endpoint&) {
  connected_ = true;
  if (!names_visitors_) return;
  line(fmt::format("Connection received on {} {}", host_name(peer, numeric_), peer.port));
}

void NcTeller::came_to(const std::string& path) {
  connected_ = true;
  line(fmt::format("Connection received on {}", path));
}

void NcTeller::start(const connect::Request& request, std::span<const Endpoint>) {
  proxied_ = request.proxy.has_value();
}

void NcTeller::failed(Transport transport, const Endpoint& peer, const Error& error,
                      connect::Next) {
  told_ = true;
  if (error.number == EADDRNOTAVAIL || error.number == EADDRINUSE || error.number == EACCES) {
    err_.print("nc: bind failed: {}\n", errno_text(error.number));
    return err_.flush(), void();
  }
  const auto address = to_string(peer.address);
  const auto host = host_ == address || proxied_ ? address : fmt::format("{} ({})", host_, address);
  const auto name = net::name_of(transport);
  if (error.number == ETIMEDOUT && limited_)  // by -w, as nc tells it
    return line(fmt::format("nc: connect to {} port {} ({}) timed out: {}", host, peer.port, name,
                            errno_text(EINPROGRESS)));
  line(fmt::format("nc: connect to {} port {} ({}) failed: {}", host, peer.port, name,
                   errno_text(error.number == 0 ? EINVAL : error.number)));
}

void NcTeller::ready(Transport transport, const Endpoint& peer, const Endpoint&,
                     std::chrono::nanoseconds) {
  if (proxied_) return;
  connected_ = true;
  succeeded(transport, peer);
}

void NcTeller::through(const std::string&, const std::string&, std::chrono::nanoseconds) {
  connected_ = true;
  succeeded(Transport::tcp, {.address = {}, .port = port_});
}

void NcTeller::ended(Transport, const connect::Report& report) {
  refused_ = report.ending == Ending::refused;
}

}  // namespace trama
