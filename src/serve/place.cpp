#include "serve/place.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "base/say.h"
#include "base/terminal.h"
#include "net/resolve.h"

namespace trama::serve {
namespace {

constexpr std::string_view loopback = "127.0.0.1";

bool is_word(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return std::tolower(static_cast<u8>(a)) == b; });
}

bool is_host(std::string_view text) {
  if (text.empty()) return false;
  if (text.find_first_of("[]:") == text.npos) return true;
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         text.substr(1, text.size() - 2).find_first_of("[]") == text.npos &&
         text.find(':') != text.npos;
}

// `next`: the word behind it, which shows a port that stands apart from its host.
tl::unexpected<Error> no_place(std::string_view word, std::string_view next,
                               net::Transport transport) {
  const auto address = parse_address(word);
  const bool port_follows = parse_port(next).has_value();
  std::string meant;
  if (word.starts_with(':') && parse_port(word.substr(1)))
    meant = fmt::format("{}{}", loopback, word);
  else if (address && (!address->v6 || port_follows))
    meant = fmt::format(fmt::runtime(address->v6 ? "[{}]:{}" : "{}:{}"), word,
                        port_follows ? next : std::string_view{"PORT"});
  else if (port_follows && is_host(word))
    meant = fmt::format("{}:{}", harmless(word), next);
  if (!meant.empty())
    return fail(Exit::bad_input, say("\"{}\" is no place to listen at: write trama serve {} {}",
                                     harmless(word), net::name_of(transport), meant));
  return fail(
      Exit::bad_input,
      say("\"{}\" is no place to listen at: write PORT, HOST:PORT or [IPV6]:PORT", harmless(word)));
}

Result<Endpoint> parse_endpoint(std::string_view word, std::string_view next,
                                net::Transport transport) {
  const auto colon = word.rfind(':');
  const bool bare = colon == word.npos;
  auto host = bare ? loopback : word.substr(0, colon);
  const auto port = net::port_of(bare ? word : word.substr(colon + 1), transport);
  if (!is_host(host) || parse_address(word) ||
      word.find_first_of("[]", bare ? 0 : colon) != word.npos)
    return no_place(word, next, transport);
  if (!port && bare && parse_port(next)) return no_place(word, next, transport);
  if (!port) return fail(port);
  if (host == "*") host = "0.0.0.0";
  const auto found = net::resolve(host, *port);
  if (!found) return fail(found);
  // A name such as localhost may have both: IPv4 is what the clients of a lesson use.
  const auto v4 =
      std::find_if(found->begin(), found->end(), [](const Endpoint& e) { return !e.address.v6; });
  return v4 == found->end() ? found->front() : *v4;
}

std::optional<Place> unix_place(std::string_view word) {
  for (const auto transport : {net::Transport::unix_stream, net::Transport::unix_datagram}) {
    const auto name = net::name_of(transport);
    if (word.starts_with(name) && word.substr(name.size()).starts_with(':'))
      return Place{.transport = transport, .path = std::string{word.substr(name.size() + 1)}};
  }
  return {};
}

Endpoint usual(net::Transport transport) {
  return {.address = *parse_address(loopback),
          .port = transport == net::Transport::tcp ? tcp_port : udp_port};
}

}  // namespace

std::string to_string(const Place& place) {
  return net::is_unix(place.transport) ? harmless(place.path) : trama::to_string(place.at);
}

Result<std::vector<Place>> parse_places(std::span<const std::string_view> words) {
  using net::Transport;
  if (words.empty())
    return std::vector<Place>{
        {.transport = Transport::tcp, .at = usual(Transport::tcp)},
        {.transport = Transport::udp, .at = usual(Transport::udp)}
    };
  std::vector<Place> places;
  auto transport = Transport::tcp;
  bool waits = false;  // a transport was named, and no port yet
  const auto take_usual = [&] {
    if (waits) places.push_back({.transport = transport, .at = usual(transport)});
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (auto place = unix_place(word)) {
      places.push_back(std::move(*place));
      continue;
    }
    if (is_word(word, "tcp") || is_word(word, "udp")) {
      take_usual();
      transport = is_word(word, "tcp") ? Transport::tcp : Transport::udp;
      waits = true;
      continue;
    }
    const auto at = parse_endpoint(word, i + 1 < words.size() ? words[i + 1] : "", transport);
    if (!at) return fail(at);
    places.push_back({.transport = transport, .at = *at});
    waits = false;
  }
  take_usual();
  for (auto place = places.begin(); place != places.end(); ++place)
    if ((place->at.port != 0 || !place->path.empty()) &&
        std::any_of(places.begin(), place, [&](const Place& other) {
          return other.transport == place->transport && other.at == place->at &&
                 other.path == place->path;
        }))
      return fail(Exit::bad_input,
                  say("{} {} is named twice", net::name_of(place->transport), to_string(*place)));
  return places;
}

}  // namespace trama::serve
