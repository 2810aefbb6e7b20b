// What a client says to a proxy before its own bytes: SOCKS 4, 4a (openssh.com/txt/socks4.protocol)
// and 5 (RFC 1928, RFC 1929), and HTTP's CONNECT (RFC 9110, section 9.3.6), told apart by the first
// byte. Bytes in, answers out: nothing here reads, writes or connects.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"

namespace trama::serve {

struct ProxyLogin {
  std::string user, password;
};

// Where the client wants to go: to an address, or to a name that the proxy looks up.
struct ProxyTarget {
  std::optional<Address> address{};
  std::string name{};
  u16 port = 0;
};

std::string to_string(const ProxyTarget& target);  // "host.example:443", "[::1]:80"

// How it went: what all of the protocols can say, each in its words.
enum class ProxyOutcome {
  connected,
  not_allowed,
  no_such_name,
  refused,
  unreachable,
  timeout,
  failed
};

class ProxyDialogue {
 public:
  // `login`: what the client has to know; nullptr: nothing.
  explicit ProxyDialogue(const ProxyLogin* login) : login_(login) {}

  enum class Next { more, connect, end };
  struct Step {
    Next next = Next::more;
    std::size_t taken = 0;  // bytes that were the dialogue's; the rest is to be given again
    std::string answer{};   // for the client
  };
  // The bytes that have come and were not taken. At most 16 KiB are left untaken with Next::more.
  Step take(Bytes bytes);

  [[nodiscard]] const ProxyTarget& target() const { return target_; }
  // After Next::connect. `bound`: the proxy's own end of the connection.
  [[nodiscard]] std::string outcome(ProxyOutcome outcome, const Endpoint& bound) const;

 private:
  enum class Kind { unknown, socks4, socks5, http };
  enum class Stage { start, login, request };
  Step take_socks4(Bytes bytes);
  Step take_methods(Bytes bytes);
  Step take_login(Bytes bytes);
  Step take_request(Bytes bytes);
  Step take_http(Bytes bytes);

  const ProxyLogin* login_;
  Kind kind_ = Kind::unknown;
  Stage stage_ = Stage::start;
  ProxyTarget target_;
};

}  // namespace trama::serve
