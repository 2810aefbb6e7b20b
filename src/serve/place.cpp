#include "serve/place.h"

#include <algorithm>

#include "base/say.h"
#include "base/terminal.h"
#include "net/resolve.h"

namespace trama::serve {
namespace {

constexpr std::string_view loopback = "127.0.0.1";

Result<Endpoint> parse_endpoint(std::string_view word, net::Transport transport) {
  const auto colon = word.rfind(':');
  const bool bare = colon == word.npos;
  auto host = bare ? loopback : word.substr(0, colon);
  const auto port = net::port_of(bare ? word : word.substr(colon + 1), transport);
  if (!bare && (host.empty() || (host.find(':') != host.npos && host.front() != '[')))
    return fail(Exit::bad_input,
                say("\"{}\" is no place to listen at: write PORT, HOST:PORT or [IPV6]:PORT",
                    harmless(word)));
  if (!port) return fail(port);
  if (host == "*") host = "0.0.0.0";
  const auto found = net::resolve(host, *port);
  if (!found) return fail(found);
  // A name such as localhost may have both: IPv4 is what the clients of a lesson use.
  const auto v4 =
      std::find_if(found->begin(), found->end(), [](const Endpoint& e) { return !e.address.v6; });
  return v4 == found->end() ? found->front() : *v4;
}

Endpoint usual(net::Transport transport) {
  return {.address = *parse_address(loopback),
          .port = transport == net::Transport::tcp ? tcp_port : udp_port};
}

}  // namespace

Result<std::vector<Place>> parse_places(std::span<const std::string_view> words) {
  using net::Transport;
  if (words.empty())
    return std::vector<Place>{
        {Transport::tcp, usual(Transport::tcp)},
        {Transport::udp, usual(Transport::udp)}
    };
  std::vector<Place> places;
  auto transport = Transport::tcp;
  bool waits = false;  // a transport was named, and no port yet
  const auto take_usual = [&] {
    if (waits) places.push_back({transport, usual(transport)});
  };
  for (const auto word : words) {
    if (word == "tcp" || word == "udp") {
      take_usual();
      transport = word == "tcp" ? Transport::tcp : Transport::udp;
      waits = true;
      continue;
    }
    const auto at = parse_endpoint(word, transport);
    if (!at) return fail(at);
    places.push_back({transport, *at});
    waits = false;
  }
  take_usual();
  return places;
}

}  // namespace trama::serve
