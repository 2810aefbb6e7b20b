// A proxy to go through, as a person names it: socks5://user:secret@127.0.0.1:1080.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace trama::connect {

struct Login {
  std::string user, password;
};

struct Proxy {
  enum class Kind { socks4, socks4a, socks5, http };
  Kind kind = Kind::socks5;
  std::string host;
  u16 port = 0;
  std::optional<Login> login;
};

// SCHEME://[USER:PASS@]HOST[:PORT]; %XX in the login stands for a byte (RFC 3986 section 2.1).
// Without a port: 1080 for SOCKS (RFC 1928 section 3), 3128 for http, as ncat has it.
// Error (Exit::bad_input): it is none, or a login that its protocol cannot carry.
Result<Proxy> parse_proxy(std::string_view text);

// Where the proxy is to connect to: an address, or a name that the proxy looks up itself.
struct Destination {
  std::string name;  // used where there is no address
  std::optional<Address> address;
  u16 port = 0;
};

std::string to_string(const Destination& destination);  // "name:80", "[::1]:80"

}  // namespace trama::connect
