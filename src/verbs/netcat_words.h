// What the netcats' command lines have in common: getopt(3) reads them, as it does for the tools
// themselves, from a table of rows; values are checked in the tools' own words.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "connect/request.h"

namespace trama {

// What stood on the command line.
class NetcatWords {
 public:
  struct Given {
    const Option* row;
    std::string value;
  };
  // Nothing: a word that getopt(3) does not know; it has said so on standard error.
  static std::optional<NetcatWords> read(std::string_view tool, std::span<const Option> rows,
                                         std::span<char* const> words);

  // By letter, or by name where the row has no letter.
  [[nodiscard]] bool has(std::string_view option) const { return last(option).has_value(); }
  [[nodiscard]] std::optional<std::string> last(std::string_view option) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view option) const;

  std::vector<Given> given;  // in order
  std::vector<std::string> operands;
};

// Why getaddrinfo(3) finds no address for the host, in its words; nothing where it finds one.
std::optional<std::string> lookup_failure(const std::string& host, net::Family family,
                                          bool lookups);

// The host's name (getnameinfo(3)), or its address where it has none or `numeric` is wanted.
std::string host_name(const Endpoint& at, bool numeric);

// A proxy at "host:port", with a login. Errors as of connect::parse_proxy.
Result<connect::Proxy> proxy_at(std::string_view scheme, std::string_view at,
                                const std::optional<connect::Login>& login);

// One family, by what -4 and -6 say.
net::Family family_of(const NetcatWords& words);

}  // namespace trama
