#include "serve/proxy_request.h"

#include <fmt/core.h>
#include <openssl/crypto.h>

#include <algorithm>

#include "net/base64.h"
#include "serve/http_request.h"

namespace trama::serve {
namespace {

constexpr std::size_t longest_text = 255;  // bytes of a SOCKS4 user or name
constexpr u8 socks4_granted = 0x5a, socks4_refused = 0x5b;

enum Socks5 : u8 {  // RFC 1928, section 6
  socks5_succeeded = 0,
  socks5_failure = 1,
  socks5_not_allowed = 2,
  socks5_network = 3,
  socks5_host = 4,
  socks5_refused = 5,
  socks5_expired = 6,
  socks5_command = 7,
  socks5_address = 8
};

std::string_view chars_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

u16 port_at(Bytes bytes, std::size_t at) {
  return static_cast<u16>(bytes[at] << 8U | bytes[at + 1]);
}

std::string text_of(Bytes bytes) { return std::string{chars_of(bytes)}; }

// Takes the same time wherever they differ.
bool is_secret(std::string_view given, std::string_view wanted) {
  return given.size() == wanted.size() &&
         CRYPTO_memcmp(given.data(), wanted.data(), wanted.size()) == 0;
}

// A name that may be looked up: nothing that a log or a resolver would take for more.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_text &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<u8>(c) > ' ' && c != 0x7f; });
}

// A name that is an address in letters is an address.
void set_name(ProxyTarget& target, std::string_view name) {
  target.address = parse_address(name);
  target.name = target.address ? std::string{} : std::string{name};
}

std::string socks4_answer(u8 code, const Endpoint& bound) {
  std::string text{'\0', static_cast<char>(code), static_cast<char>(bound.port >> 8U),
                   static_cast<char>(bound.port & 0xffU)};
  const auto address = bound.address.unmapped();
  for (std::size_t i = 0; i < 4; ++i)
    text += address.v6 ? '\0' : static_cast<char>(address.bytes.at(i));
  return text;
}

std::string socks5_answer(u8 code, const Endpoint& bound) {
  const auto address = bound.address.unmapped();
  std::string text{'\x05', static_cast<char>(code), '\0', address.v6 ? '\x04' : '\x01'};
  text += text_of(address.view());
  text += static_cast<char>(bound.port >> 8U);
  text += static_cast<char>(bound.port & 0xffU);
  return text;
}

std::string http_answer(std::string_view status, std::string_view fields = {}) {
  if (status.starts_with("200")) return fmt::format("HTTP/1.1 {}\r\n\r\n", status);
  return fmt::format(
      "HTTP/1.1 {0}\r\n{1}Content-Type: text/plain\r\nContent-Length: {2}\r\n"
      "Connection: close\r\n\r\n{0}\n",
      status, fields, status.size() + 1);
}

std::string http_words(unsigned status) {
  switch (status) {
    case 405:
      return http_answer("405 Method Not Allowed", "Allow: CONNECT\r\n");
    case 407:
      return http_answer("407 Proxy Authentication Required",
                         "Proxy-Authenticate: Basic realm=\"trama\"\r\n");
    case 414:
      return http_answer("414 URI Too Long");
    case 431:
      return http_answer("431 Request Header Fields Too Large");
    case 505:
      return http_answer("505 HTTP Version Not Supported");
    default:
      return http_answer("400 Bad Request");
  }
}

// "host:443", "[::1]:443"
bool parse_authority(std::string_view text, ProxyTarget& target) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return false;
  const auto port = parse_port(text.substr(colon + 1));
  auto host = text.substr(0, colon);
  if (!port || *port == 0) return false;
  target.port = *port;
  if (host.starts_with('[') && host.ends_with(']')) {
    target.address = parse_address(host.substr(1, host.size() - 2));
    return target.address.has_value() && target.address->v6;
  }
  if (!is_name(host) || host.find(':') != host.npos) return false;
  set_name(target, host);
  return true;
}

}  // namespace

std::string to_string(const ProxyTarget& target) {
  if (target.address) return to_string(Endpoint{.address = *target.address, .port = target.port});
  return fmt::format("{}:{}", target.name, target.port);
}

ProxyDialogue::Step ProxyDialogue::take(Bytes bytes) {
  if (bytes.empty()) return {};
  if (kind_ == Kind::unknown)
    kind_ = bytes[0] == 4 ? Kind::socks4 : bytes[0] == 5 ? Kind::socks5 : Kind::http;
  if (kind_ == Kind::http) return take_http(bytes);
  if (kind_ == Kind::socks4) return take_socks4(bytes);
  if (stage_ == Stage::start) return take_methods(bytes);
  return stage_ == Stage::login ? take_login(bytes) : take_request(bytes);
}

// 4, command, port, address, user NUL; of 4a (address 0.0.0.x) a name NUL, too.
ProxyDialogue::Step ProxyDialogue::take_socks4(Bytes bytes) {
  constexpr std::size_t user_at = 8;
  const auto bad = [&] {
    return Step{
        .next = Next::end, .taken = bytes.size(), .answer = socks4_answer(socks4_refused, {})};
  };
  if (bytes.size() > 1 && bytes[1] != 1) return bad();  // CONNECT only
  if (bytes.size() < user_at) return {};
  const auto text = chars_of(bytes);
  const auto user_end = text.find('\0', user_at);
  if (user_end == text.npos) return text.size() - user_at > longest_text ? bad() : Step{};
  target_.port = port_at(bytes, 2);
  auto end = user_end + 1;
  if (bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] != 0) {
    const auto name_end = text.find('\0', end);
    if (name_end == text.npos) return text.size() - end > longest_text ? bad() : Step{};
    const auto name = text.substr(end, name_end - end);
    if (!is_name(name)) return bad();
    set_name(target_, name);
    end = name_end + 1;
  } else {
    target_.address = address_of(bytes.subspan(4, 4));
  }
  if (login_ != nullptr || user_end - user_at > longest_text) return bad();  // it has no password
  return {.next = Next::connect, .taken = end};
}

ProxyDialogue::Step ProxyDialogue::take_methods(Bytes bytes) {
  if (bytes.size() < 2 || bytes.size() < std::size_t{2} + bytes[1]) return {};
  const auto methods = bytes.subspan(2, bytes[1]);
  const u8 wanted = login_ != nullptr ? 2 : 0;
  Step step{.taken = 2 + methods.size()};
  if (std::find(methods.begin(), methods.end(), wanted) == methods.end()) {
    step.next = Next::end;
    step.answer = "\x05\xff";
    return step;
  }
  stage_ = login_ != nullptr ? Stage::login : Stage::request;
  step.answer = {'\x05', static_cast<char>(wanted)};
  return step;
}

// RFC 1929: 1, length, user, length, password.
ProxyDialogue::Step ProxyDialogue::take_login(Bytes bytes) {
  if (bytes[0] != 1) return {.next = Next::end, .taken = bytes.size(), .answer = "\x01\x01"};
  if (bytes.size() < 2) return {};
  const std::size_t password_at = std::size_t{2} + bytes[1];
  if (bytes.size() <= password_at) return {};
  const auto end = password_at + 1 + bytes[password_at];
  if (bytes.size() < end) return {};
  const auto text = chars_of(bytes);
  const bool user = is_secret(text.substr(2, bytes[1]), login_->user);
  const bool password =
      is_secret(text.substr(password_at + 1, bytes[password_at]), login_->password);
  stage_ = Stage::request;
  if (user && password)
    return {
        .taken = end, .answer = std::string{'\x01', '\0'}
    };
  return {.next = Next::end, .taken = end, .answer = "\x01\x01"};
}

// 5, command, 0, kind of address, address, port.
ProxyDialogue::Step ProxyDialogue::take_request(Bytes bytes) {
  const auto bad = [&](u8 code) {
    return Step{.next = Next::end, .taken = bytes.size(), .answer = socks5_answer(code, {})};
  };
  if (bytes[0] != 5) return bad(socks5_failure);
  if (bytes.size() < 5) return {};
  if (bytes[1] != 1) return bad(socks5_command);
  const u8 kind = bytes[3];
  if (kind != 1 && kind != 3 && kind != 4) return bad(socks5_address);
  const std::size_t start = kind == 3 ? 5 : 4;
  const std::size_t length = kind == 1 ? 4 : kind == 4 ? 16 : bytes[4];
  if (bytes.size() < start + length + 2) return {};
  const auto address = bytes.subspan(start, length);
  if (kind == 3 && !is_name(chars_of(address))) return bad(socks5_failure);
  if (kind == 3)
    set_name(target_, chars_of(address));
  else
    target_.address = address_of(address);
  target_.port = port_at(bytes, start + length);
  return {.next = Next::connect, .taken = start + length + 2};
}

ProxyDialogue::Step ProxyDialogue::take_http(Bytes bytes) {
  const auto text = chars_of(bytes);
  const auto size = head_size(text);
  const auto bad = [&](unsigned status) {
    return Step{.next = Next::end, .taken = bytes.size(), .answer = http_words(status)};
  };
  if (!may_be_head(text)) return bad(400);
  if (size == text.npos ? text.size() >= longest_head : size > longest_head) return bad(431);
  if (size == text.npos) return {};
  const auto request = parse_request(text.substr(0, size));
  if (request.status != 0) return bad(request.status);
  if (request.method != "CONNECT") return bad(405);
  if (login_ != nullptr &&
      !is_secret(request.proxy_authorization,
                 "Basic " + net::base64(login_->user + ":" + login_->password)))
    return bad(407);
  if (!parse_authority(request.target, target_)) return bad(400);
  return {.next = Next::connect, .taken = size};
}

std::string ProxyDialogue::outcome(ProxyOutcome outcome, const Endpoint& bound) const {
  struct Row {
    u8 socks5;
    std::string_view http;
  };
  const auto row = [&]() -> Row {
    switch (outcome) {
      case ProxyOutcome::connected:
        return {socks5_succeeded, "200 Connection established"};
      case ProxyOutcome::not_allowed:
        return {socks5_not_allowed, "403 Forbidden"};
      case ProxyOutcome::no_such_name:
        return {socks5_host, "502 Bad Gateway"};
      case ProxyOutcome::refused:
        return {socks5_refused, "502 Bad Gateway"};
      case ProxyOutcome::unreachable:
        return {socks5_network, "502 Bad Gateway"};
      case ProxyOutcome::timeout:
        return {socks5_expired, "504 Gateway Timeout"};
      case ProxyOutcome::failed:
        break;
    }
    return {socks5_failure, "502 Bad Gateway"};
  }();
  if (kind_ == Kind::http) return http_answer(row.http);
  if (kind_ == Kind::socks5) return socks5_answer(row.socks5, bound);
  return socks4_answer(outcome == ProxyOutcome::connected ? socks4_granted : socks4_refused, bound);
}

}  // namespace trama::serve
