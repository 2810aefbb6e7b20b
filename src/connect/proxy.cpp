#include "connect/proxy.h"

#include <array>
#include <charconv>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::connect {
namespace {

struct Scheme {
  std::string_view name;
  Proxy::Kind kind;
  u16 port;
};
constexpr std::array schemes{
    Scheme{"socks4",  Proxy::Kind::socks4,  1080},
    Scheme{"socks4a", Proxy::Kind::socks4a, 1080},
    Scheme{"socks5",  Proxy::Kind::socks5,  1080},
    Scheme{"http",    Proxy::Kind::http,    3128},
};

// The bytes that %XX stand for; nothing where a % has no two hexadecimal digits, or for NUL, which
// no proxy protocol carries.
std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i];
      continue;
    }
    u8 byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2 || byte == 0)
      return std::nullopt;
    bytes += static_cast<char>(byte);
    i += 2;
  }
  return bytes;
}

tl::unexpected<Error> no_proxy(std::string_view text) {
  // The login, which may hold a password, is not repeated.
  const auto at = text.rfind('@');
  return fail(Exit::bad_input,
              say("\"{}\" is no proxy: write socks5://HOST:PORT (or socks4, socks4a, http), with "
                  "USER:PASS@ before HOST where it wants a login",
                  harmless(at == text.npos ? text : text.substr(at + 1))));
}

Result<Login> parse_login(std::string_view text, Proxy::Kind kind) {
  const auto colon = text.find(':');
  const auto user = decoded(text.substr(0, colon));
  const auto password = decoded(colon == text.npos ? std::string_view{} : text.substr(colon + 1));
  if (!user || !password)
    return fail(Exit::bad_input,
                say("the proxy's login is damaged: a percent sign is written %25, @ is %40"));
  if (kind == Proxy::Kind::socks5 &&
      (user->empty() || user->size() > 255 || password->size() > 255))
    return fail(Exit::bad_input,
                say("SOCKS5 takes a user of 1 to 255 bytes and a password of at most 255"));
  // RFC 7617 section 2: the first colon ends the user.
  if (kind == Proxy::Kind::http && user->find(':') != std::string::npos)
    return fail(Exit::bad_input, say("a user of an HTTP proxy cannot have a colon"));
  if (kind != Proxy::Kind::socks5 && kind != Proxy::Kind::http && !password->empty())
    return fail(Exit::bad_input, say("SOCKS4 knows a user, and no password"));
  return Login{*user, *password};
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view text) {
  const auto whole = text;
  const auto colon = text.find("://");
  const Scheme* scheme = nullptr;
  for (const Scheme& known : schemes)
    if (known.name == text.substr(0, colon)) scheme = &known;
  if (colon == text.npos || scheme == nullptr) return no_proxy(whole);
  text.remove_prefix(colon + 3);
  Proxy proxy{.kind = scheme->kind, .host = {}, .port = scheme->port, .login = {}};
  if (const auto at = text.rfind('@'); at != text.npos) {
    auto login = parse_login(text.substr(0, at), proxy.kind);
    if (!login) return fail(login);
    proxy.login = std::move(*login);
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto bracket = text.rfind(']');
  const auto port = text.find(':', bracket == text.npos ? 0 : bracket);
  proxy.host = text.substr(0, port);
  if (port != text.npos) {
    const auto number = parse_port(text.substr(port + 1));
    if (!number || *number == 0) return no_proxy(whole);
    proxy.port = *number;
  }
  if (proxy.host.empty()) return no_proxy(whole);
  return proxy;
}

std::string to_string(const Destination& destination) {
  if (destination.address)
    return to_string(Endpoint{.address = *destination.address, .port = destination.port});
  return fmt::format("{}:{}", destination.name, destination.port);
}

}  // namespace trama::connect
