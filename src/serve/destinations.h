// Where the mode `proxy` may go: the rules of --proxy-to. Whatever no rule names is refused, and
// what a name stands for is looked at after it was looked up.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace trama::serve {

class Destinations {
 public:
  // "10.0.0.0/8:80,443", "[2001:db8::]/32:1-1023", "example.com:443", "*:443" (any address),
  // "host:*". Error (Exit::bad_input): it is none of these.
  Result<void> add(std::string_view rule);
  [[nodiscard]] bool empty() const { return rules_.empty(); }

  // Whether looking the name up can lead anywhere.
  [[nodiscard]] bool may_allow(std::string_view name, u16 port) const;
  // Whether a connection may go there. `name`: what was looked up for it, "" where the client gave
  // the address. By a rule that names a host nobody comes to this machine, its links or groups of
  // hosts, whatever the name servers say - but by the name localhost.
  [[nodiscard]] bool allows(const Endpoint& peer, std::string_view name) const;

 private:
  struct Rule {
    std::vector<Cidr> blocks{};
    std::string host{};  // in small letters; "" for blocks
    std::vector<std::pair<u16, u16>> ports{};
    [[nodiscard]] bool has(u16 port) const;
  };
  std::vector<Rule> rules_;
};

}  // namespace trama::serve
