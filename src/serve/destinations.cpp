#include "serve/destinations.h"

#include <algorithm>
#include <cctype>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::serve {
namespace {

std::string small(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);  // of a name that is whole
  std::string text{name};
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<u8>(c))); });
  return text;
}

bool parse_ports(std::string_view list, std::vector<std::pair<u16, u16>>& ports) {
  if (list == "*") {
    ports.emplace_back(0, 65535);
    return true;
  }
  while (!list.empty()) {
    const auto item = list.substr(0, list.find(','));
    const auto dash = item.find('-');
    const auto first = parse_port(item.substr(0, dash));
    const auto last = dash == item.npos ? first : parse_port(item.substr(dash + 1));
    if (!first || !last || *last < *first) return false;
    ports.emplace_back(*first, *last);
    if (item.size() + 1 == list.size()) return false;  // a comma at the end
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return !ports.empty();
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<u8>(c)) != 0 || c == '-' || c == '.' || c == '_';
  });
}

// "[2001:db8::]/32" and "[::1]" without their brackets.
std::string without_brackets(std::string_view text) {
  std::string bare{text};
  if (const auto close = bare.find(']'); bare.starts_with('[') && close != bare.npos) {
    bare.erase(close, 1);
    bare.erase(0, 1);
  }
  return bare;
}

// Where names that others control are not to lead: this machine, its links, groups.
bool is_near(const Address& address) {
  if (address.is_any() || address.is_loopback()) return true;
  const auto& b = address.bytes;
  if (address.v6) return b[0] == 0xff || (b[0] == 0xfe && (b[1] & 0xc0U) == 0x80);
  return b[0] == 0 || b[0] >= 224 || (b[0] == 169 && b[1] == 254);
}

}  // namespace

Result<void> Destinations::add(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto host = text.substr(0, colon);
  Rule rule;
  bool good = colon != text.npos && parse_ports(text.substr(colon + 1), rule.ports);
  if (good && host == "*") {
    rule.blocks = {*parse_cidr("0.0.0.0/0"), *parse_cidr("::/0")};
  } else if (const auto block = parse_cidr(without_brackets(host));
             good && block && (!block->base.v6 || host.starts_with('['))) {
    rule.blocks = {*block};
  } else {
    rule.host = small(host);
    const bool numeric = host.find_first_not_of("0123456789.") == host.npos;
    good = good && is_host(host) && !numeric;
  }
  if (!good)
    return fail(Exit::bad_input, say("--proxy-to takes HOST:PORTS, ADDRESS/BITS:PORTS or "
                                     "[IPV6]/BITS:PORTS (10.0.0.0/8:80,443), not \"{}\"",
                                     harmless(text)));
  rules_.push_back(std::move(rule));
  return {};
}

bool Destinations::Rule::has(u16 port) const {
  return std::any_of(ports.begin(), ports.end(), [&](const auto& range) {
    return port >= range.first && port <= range.second;
  });
}

bool Destinations::may_allow(std::string_view name, u16 port) const {
  const auto host = small(name);
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    return rule.has(port) && (rule.host.empty() || rule.host == host);
  });
}

bool Destinations::allows(const Endpoint& peer, std::string_view name) const {
  const auto host = small(name);
  const auto address = peer.address.unmapped();
  return std::any_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    if (!rule.has(peer.port)) return false;
    if (rule.host.empty())
      return std::any_of(rule.blocks.begin(), rule.blocks.end(),
                         [&](const Cidr& block) { return block.contains(address); });
    return rule.host == host && (host == "localhost" || !is_near(address));
  });
}

}  // namespace trama::serve
